import { describe, expect, it } from "vitest";
import { Doc } from "yjs";
import { addEntry, editEntry, readEntries, removeEntry } from "../src/setlist.ts";
import { SetlistReader } from "../src/setlist_reader.ts";

function night(): { doc: Doc; reader: SetlistReader } {
  const doc = new Doc();
  for (const [at, title] of ["Bertha", "Loser", "Deal"].entries()) {
    addEntry(doc, `e${String(at)}`, { title, section: "set1" });
  }
  return { doc, reader: new SetlistReader(doc) };
}

describe("reading the setlist again", () => {
  it("gives the same array while nothing changed", () => {
    const { reader } = night();
    expect(reader.read()).toBe(reader.read());
  });

  it("keeps the objects of entries that nobody touched", () => {
    const { doc, reader } = night();
    const before = reader.read();
    editEntry(doc, "e1", { title: "Loser!" });
    const after = reader.read();
    expect(after.map(({ title }) => title)).toEqual(["Bertha", "Loser!", "Deal"]);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    expect(after[2]).toBe(before[2]);
  });

  it("reads what a fresh reading reads, after additions, removals and moves in one transaction", () => {
    const { doc, reader } = night();
    reader.read();
    doc.transact(() => {
      removeEntry(doc, "e0");
      addEntry(doc, "e9", { title: "Ripple", section: "encore1" });
      editEntry(doc, "e2", { note: "slow" });
    });
    expect(reader.read()).toEqual(readEntries(doc));
  });

  it("hears nothing any more once it let go", () => {
    const { doc, reader } = night();
    const before = reader.read();
    reader.destroy();
    removeEntry(doc, "e0");
    expect(reader.read()).toBe(before);
  });
});
