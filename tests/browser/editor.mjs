// An editor as anybody could write one: an unmodified y-websocket provider in Node.
//
// Reads one JSON command a line on stdin, answers one JSON line each. It knows nothing of Setroom
// but the address, the ticket and the layout of the document.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../clients/shared/package.json", import.meta.url));
const Y = require("yjs");
const { WebsocketProvider } = require("y-websocket");
const { WebSocket } = require("ws");

const [url, showId, ticket] = process.argv.slice(2);
const doc = new Y.Doc();
const provider = new WebsocketProvider(`${url}/rooms`, showId, doc, {
  params: { ticket },
  WebSocketPolyfill: WebSocket,
});
const entries = doc.getMap("entries");

const actions = {
  synced: () =>
    provider.synced ? true : new Promise((resolve) => provider.once("sync", () => resolve(true))),
  add: ({ id, title, position }) => {
    const fields = new Y.Map(Object.entries({ title, section: "set1", position, segue: false }));
    entries.set(id, fields);
  },
  move: ({ id, position }) => entries.get(id).set("position", position),
  remove: ({ id }) => entries.delete(id),
  set: ({ id, ...fields }) =>
    doc.transact(() => {
      for (const [field, value] of Object.entries(fields)) entries.get(id)?.set(field, value);
    }),
  all: () => entries.toJSON(),
  offline: () => provider.disconnect(),
  online: () => provider.connect(),
  list: () =>
    [...entries]
      .map(([id, fields]) => [fields.get("section"), fields.get("position"), id, fields.get("title")])
      .sort((a, b) => (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : a[2] < b[2] ? -1 : 1))
      .map(([, , id, title]) => [id, title]),
  pending: () => doc.store.pendingStructs !== null || doc.store.pendingDs !== null,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { action, ...args } = JSON.parse(line);
  const result = await actions[action](args);
  process.stdout.write(`${JSON.stringify(result ?? null)}\n`);
}
provider.destroy();
process.exit(0);
