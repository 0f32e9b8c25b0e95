// Two unmodified y-websocket providers edit one setlist. Arguments: two socket URLs with tickets.
// Prints what each document holds at the end. Bare imports resolve from the working directory.
import * as Y from "yjs";
import { WebsocketProvider } from "y-websocket";
import WebSocket from "ws";

const people = process.argv.slice(2).map((address) => {
  const url = new URL(address);
  const showId = url.pathname.split("/").pop();
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${url.origin}/rooms`, showId, doc, {
    params: { ticket: url.searchParams.get("ticket") },
    WebSocketPolyfill: WebSocket,
    disableBc: true,
  });
  return { doc, provider, entries: doc.getMap("entries") };
});

const until = (check) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not in time: ${check}`)), 15_000);
    const look = () => {
      if (!check()) return;
      clearTimeout(timer);
      people.forEach(({ doc, provider }) => (doc.off("update", look), provider.off("sync", look)));
      resolve();
    };
    people.forEach(({ doc, provider }) => (doc.on("update", look), provider.on("sync", look)));
    look();
  });

const add = ({ doc, entries }, id, title, position) =>
  doc.transact(() => {
    const entry = new Y.Map();
    entries.set(id, entry);
    for (const [key, value] of Object.entries({ title, position, section: "set1" }))
      entry.set(key, value);
  });
const equal = () => {
  const [a, b] = people.map(({ entries }) => JSON.stringify(sorted(entries.toJSON())));
  return a === b;
};
const sorted = (all) => Object.keys(all).sort().map((key) => [key, all[key].title, all[key].position]);

const [a, b] = people;
await until(() => a.provider.synced && b.provider.synced);
add(a, "scarlet", "Scarlet Begonias", "V1");
add(b, "fire", "Fire on the Mountain", "V2");
await until(() => a.entries.has("fire") && b.entries.has("scarlet"));
// Both move the same song at once; one of them removes another.
a.entries.get("fire").set("position", "A1");
b.entries.get("fire").set("position", "Z1");
add(b, "estimated", "Estimated Prophet", "W1");
await until(() => a.entries.has("estimated") && equal());
a.entries.delete("estimated");
await until(() => !b.entries.has("estimated") && equal());
// A connection that is lost and comes back with the ticket that it had.
a.provider.disconnect();
add(a, "offline", "Morning Dew", "X1");
a.provider.connect();
await until(() => b.entries.has("offline") && equal());
console.log(JSON.stringify(people.map(({ entries }) => sorted(entries.toJSON()))));
process.exit(0); // awareness keeps a timer that would keep the process
