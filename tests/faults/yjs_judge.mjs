// Applies recorded frames with Yjs and prints the entries it ends with.
// Arguments: package.json of a workspace that has yjs, file with hex lines (one update each).
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.argv[2]);
const Y = require("yjs");
const doc = new Y.Doc();
for (const line of readFileSync(process.argv[3], "utf8").split("\n")) {
  if (line) Y.applyUpdate(doc, Uint8Array.from(Buffer.from(line, "hex")));
}
const pending = doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
const entries = doc.getMap("entries").toJSON();
const roots = [...doc.share.keys()];
process.stdout.write(JSON.stringify({ entries, pending, roots }));
