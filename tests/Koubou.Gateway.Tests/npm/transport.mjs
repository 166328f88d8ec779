// Speaks graphql-transport-ws with the reference client, and prints what happened as one line of JSON.
//   node transport.mjs subscribe URL QUERY COUNT [VARIABLES]   the first COUNT results, or the errors
//   node transport.mjs PROTOCOL URL MESSAGE...                 the code that the server closes with after these messages
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [command, url, ...rest] = process.argv.slice(2);

async function subscribe(query, count, variables) {
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
  const results = [];
  try {
    for await (const result of client.iterate({ query, variables: variables ? JSON.parse(variables) : undefined })) {
      results.push(result);
      if (results.length === Number(count)) break;
    }
    console.log(JSON.stringify({ results }));
  } catch (errors) {
    console.log(JSON.stringify({ results, errors }));
  }
  await client.dispose();
}

function close(protocol, messages) {
  const socket = new WebSocket(url, protocol ? [protocol] : []);
  socket.on("open", () => messages.forEach(message => socket.send(message)));
  socket.on("close", (code, reason) => console.log(JSON.stringify({ code, reason: reason.toString() })));
}

if (command === "subscribe") await subscribe(...rest);
else close(command, rest);
