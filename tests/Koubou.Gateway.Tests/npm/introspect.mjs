// Asks for the whole schema as tools do, old ones and newer ones, and builds it; prints one line for each.
import { buildClientSchema, getIntrospectionQuery } from "graphql";

const [url] = process.argv.slice(2);
for (const options of [{}, { schemaDescription: true, directiveIsRepeatable: true }]) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: getIntrospectionQuery(options) }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(errors.map(error => error.message).join("; "));
  console.log(JSON.stringify({ mutations: Object.keys(buildClientSchema(data).getMutationType().getFields()).length }));
}
