// GraphiQL at this page's own address: queries by POST, subscriptions over a WebSocket that opens with the first one.
import { GraphiQL } from "graphiql";
import { getOperationAST, parse } from "graphql";
import { createClient } from "graphql-ws";
import { setNonce } from "get-nonce";
import { createRoot } from "react-dom/client";
import "graphiql/style.css";
import "./page.css";

// For the style elements that libraries add; the page's policy lets none in without it.
setNonce(document.currentScript.nonce);

const address = location.pathname;
const socketAddress = location.origin.replace(/^http/, "ws") + address;

const welcome = `# Koubou 工房: Ctrl+Enter runs. Also try:
#   mutation { submitTask(type: "code", prompt: "Create a REST API", priority: 9) { taskId status } }
#   subscription { taskEvents { sequence change { taskId status event } } }
{
  systemStatus { activeWorkers pendingTasks completedTasks }
  tasks(first: 5) { totalCount nodes { id status type priority } }
}
`;

// A browser sets no headers on a WebSocket: what stands in the headers' editor goes into connection_init instead.
async function* follow(params, headers) {
  const client = createClient({ url: socketAddress, connectionParams: headers, retryAttempts: 0 });
  try {
    yield* client.iterate(params);
  } finally {
    await client.dispose();
  }
}

async function ask(params, headers) {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
      ...headers,
    },
    body: JSON.stringify(params),
  });
  return answer.json();
}

function isSubscription({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    // The gateway says what is wrong with it.
    return false;
  }
}

function fetcher(params, { headers }) {
  return isSubscription(params) ? follow(params, headers) : ask(params, headers);
}

createRoot(document.getElementById("ide")).render(<GraphiQL fetcher={fetcher} defaultQuery={welcome} />);
