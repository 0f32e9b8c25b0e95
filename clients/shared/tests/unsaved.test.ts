import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { addEntry, editEntry, readEntries, removeEntry } from "../src/setlist.ts";
import { unsavedOf, writeAnew } from "../src/unsaved.ts";

function docWith(...titles: string[]): Y.Doc {
  const doc = new Y.Doc();
  for (const title of titles) addEntry(doc, title.toLowerCase(), { title, section: "set1" });
  return doc;
}

describe("what was not saved of a document that is given up", () => {
  it("is written into the next one, and nothing else of it", () => {
    const lost = docWith("Kept", "Renamed", "Removed", "Phantom");
    addEntry(lost, "new", { title: "New", section: "encore1", note: "slow" });
    editEntry(lost, "renamed", { title: "Renamed by me" });
    removeEntry(lost, "removed");
    const unsaved = unsavedOf(lost, ["new", "renamed", "removed"]);

    const next = docWith("Kept", "Renamed", "Removed");
    editEntry(next, "renamed", { note: "somebody else's" });
    writeAnew(next, unsaved);

    const found = new Map(readEntries(next).map((entry) => [entry.entry_id, entry]));
    expect([...found.keys()].sort()).toEqual(["kept", "new", "renamed"]);
    expect(found.get("new")).toMatchObject({ title: "New", section: "encore1", note: "slow" });
    expect(found.get("renamed")).toMatchObject({ title: "Renamed by me", note: "somebody else's" });
  });

  it("is one local change, and none where nothing differs", () => {
    const doc = docWith("Kept");
    const changes: boolean[] = [];
    doc.on("update", (_update: Uint8Array, _origin: unknown, _doc: Y.Doc, change: Y.Transaction) => {
      changes.push(change.local);
    });
    writeAnew(doc, unsavedOf(doc, ["kept"]));
    expect(changes).toEqual([]);
    writeAnew(doc, [{ entry_id: "kept", fields: null }, { entry_id: "other", fields: { title: "Other" } }]);
    expect(changes).toEqual([true]);
  });
});
