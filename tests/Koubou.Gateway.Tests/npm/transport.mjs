// Speaks graphql-transport-ws with the reference client, and prints what happened as one line of JSON.
//   node transport.mjs subscribe URL QUERY COUNT [VARIABLES]   the first COUNT results, or the errors
//   node transport.mjs fault URL CODE                          the code that the client reports when its socket breaks this rule
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

// What a client would have to do wrong for each code, done behind its back by its own socket.
const faults = {
  4400: (type, data, send) => send(type === "subscribe" ? "nonsense" : data),
  4401: (type, data, send) => send(type === "connection_init" ? `{"type":"subscribe","id":"1","payload":{"query":"{ a }"}}` : data),
  4408: (type, data, send) => type === "connection_init" || send(data),
  4409: (type, data, send) => [data, ...(type === "subscribe" ? [data] : [])].forEach(send),
  4429: (type, data, send) => [data, ...(type === "connection_init" ? [data] : [])].forEach(send),
};

async function fault(code) {
  class Socket extends WebSocket {
    send(data) { faults[code](JSON.parse(data).type, data, message => super.send(message)); }
  }
  const client = createClient({ url, webSocketImpl: Socket, retryAttempts: 0 });
  try {
    for await (const _ of client.iterate({ query: "subscription { taskEvents { sequence } }" }));
  } catch (closed) {
    console.log(JSON.stringify({ code: closed.code, reason: closed.reason }));
  }
}

function close(protocol, messages) {
  const socket = new WebSocket(url, protocol ? [protocol] : []);
  socket.on("open", () => messages.forEach(message => socket.send(message)));
  socket.on("close", (code, reason) => console.log(JSON.stringify({ code, reason: reason.toString() })));
}

if (command === "subscribe") await subscribe(...rest);
else if (command === "fault") await fault(...rest);
else close(command, rest);
