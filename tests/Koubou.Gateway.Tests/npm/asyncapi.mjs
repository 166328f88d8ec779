// Holds an AsyncAPI document against the official schema of its version, and messages against the document:
//   node asyncapi.mjs DOCUMENT MESSAGES    one line of JSON for the document, then one for each line of MESSAGES
import { readFileSync } from "node:fs";
import specs from "@asyncapi/specs";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

const [documentPath, messagesPath] = process.argv.slice(2);
const document = parse(readFileSync(documentPath, "utf8"));

// It brings the draft that it is written in along.
const official = addFormats(new Ajv({ strict: false, meta: false, validateSchema: false, unicodeRegExp: false }));
const isValid = official.compile(specs.schemas[document.asyncapi]);
const { messages } = document.components;
console.log(JSON.stringify({ ok: isValid(document), errors: isValid.errors, messages: Object.keys(messages) }));

const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
ajv.addSchema({ $id: "doc", components: document.components });
for (const line of readFileSync(messagesPath, "utf8").split("\n").filter(Boolean)) {
  const message = JSON.parse(line);
  const check = ajv.getSchema(`doc#/components/messages/${message.type}/payload`);
  console.log(JSON.stringify({ type: message.type, ok: check?.(message) ?? false, errors: check?.errors, message }));
}
for (const [name, { examples = [] }] of Object.entries(messages)) {
  const check = ajv.getSchema(`doc#/components/messages/${name}/payload`);
  for (const { payload } of examples) {
    console.log(JSON.stringify({ type: payload.type, ok: check(payload), errors: check.errors, message: payload }));
  }
}
