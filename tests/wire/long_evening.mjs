// What somebody without a network writes in an evening, as the clients post it: an update in parts.
// Prints the parts (base64) and the entries in the end. Packages resolve from the working directory.
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "here.js"));
const Y = require("yjs");
const { rolldown } = require("rolldown");

const bundle = await rolldown({ input: "shared/src/over_http/parts.ts", external: ["yjs", "lib0/encoding"] });
const { output } = await bundle.generate({ format: "cjs" });
const parts = {};
new Function("require", "exports", output[0].code)(require, parts);

const doc = new Y.Doc();
const entries = doc.getMap("entries");
const NOTE = "n".repeat(500);
for (let number = 0; number < 300; number += 1) {
  doc.transact(() => {
    const entry = new Y.Map();
    entries.set(`song-${number}`, entry);
    const position = `V${String(number).padStart(3, "0")}V`;
    const fields = { title: `Song ${number}`, section: "set1", position, note: NOTE };
    for (const [key, value] of Object.entries(fields)) entry.set(key, value);
  });
}
// Much is thought over: what was written first is gone from the document.
for (let number = 0; number < 300; number += 3) {
  for (const title of ["Dark", "Dark Star", `Dark Star ${number}`]) entries.get(`song-${number}`).set("title", title);
  entries.get(`song-${number}`).set("section", "set2");
}
for (let number = 1; number < 300; number += 30) entries.delete(`song-${number}`);

const update = Y.encodeStateAsUpdate(doc);
console.log(
  JSON.stringify({
    bytes: update.length,
    parts: parts.partsOf(update, 64 * 1024).map((part) => Buffer.from(part).toString("base64")),
    titles: Object.fromEntries([...entries].map(([id, entry]) => [id, entry.get("title")])),
  }),
);
