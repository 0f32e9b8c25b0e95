/** A large update in parts: nothing is lost, nothing comes before what it builds on. */
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { partsOf } from "../src/over_http/parts.ts";
import { addEntry, editEntry, readEntries, removeEntry } from "../src/setlist.ts";

const SMALL = 2_000;
const everything = (doc: Y.Doc): Uint8Array => Y.encodeStateAsUpdate(doc);

/** Takes the parts one after the other, and looks at what stands after each. */
function take(parts: readonly Uint8Array[], doc = new Y.Doc(), look: (doc: Y.Doc) => void = () => undefined): Y.Doc {
  for (const part of parts) {
    Y.applyUpdate(doc, part);
    expect(doc.store.pendingStructs).toBeNull();
    expect(doc.store.pendingDs).toBeNull();
    look(doc);
  }
  return doc;
}

function addMany(doc: Y.Doc, from: number, to: number): void {
  for (let number = from; number < to; number += 1) {
    const song = { title: `Song ${String(number)}`, section: "set1", artist: "The Band", note: "n".repeat(200) };
    addEntry(doc, `e${String(number)}`, song);
  }
}

describe("an update in parts", () => {
  it("is itself where it is small", () => {
    const doc = new Y.Doc();
    addMany(doc, 0, 2);
    const update = everything(doc);
    expect(partsOf(update, SMALL)).toEqual([update]);
  });

  it("has whole entries in every part, and all of them in the end", () => {
    const doc = new Y.Doc();
    addMany(doc, 0, 40);
    editEntry(doc, "e3", { note: "slow" });
    editEntry(doc, "e3", { note: "slower" });
    for (const title of ["S", "So", "Son"]) editEntry(doc, "e2", { title });
    removeEntry(doc, "e5");
    editEntry(doc, "e7", { guests: "Branford" });
    const parts = partsOf(everything(doc), SMALL);
    expect(parts.length).toBeGreaterThan(4);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(SMALL);
    const there = take(parts, new Y.Doc(), (between) => {
      for (const entry of between.getMap<Y.Map<unknown>>("entries").values()) {
        expect([...entry.keys()]).toEqual(expect.arrayContaining(["title", "section", "position", "note"]));
      }
    });
    expect(readEntries(there)).toEqual(readEntries(doc));
    expect(Y.encodeStateVector(there)).toEqual(Y.encodeStateVector(doc));
  });

  it("keeps the order among pages of a device that built on each other", () => {
    const pages = [new Y.Doc(), new Y.Doc(), new Y.Doc()] as const;
    for (let round = 0; round < 12; round += 1) {
      const page = pages[round % 3] ?? pages[0];
      for (const other of pages) Y.applyUpdate(page, everything(other));
      addMany(page, round * 4, round * 4 + 4);
      if (round > 0) editEntry(page, `e${String(round * 4 - 2)}`, { note: `after ${String(round)}` });
    }
    for (const page of pages) for (const other of pages) Y.applyUpdate(page, everything(other));
    const parts = partsOf(everything(pages[0]), SMALL);
    expect(parts.length).toBeGreaterThan(4);
    expect(readEntries(take(parts))).toEqual(readEntries(pages[0]));
  });

  it("goes on where the server stands, and may come twice", () => {
    const [mine, theirs] = [new Y.Doc(), new Y.Doc()];
    addMany(theirs, 0, 10);
    Y.applyUpdate(mine, everything(theirs));
    addMany(mine, 10, 40);
    for (const title of ["M", "Mi", "Mine"]) editEntry(mine, "e2", { title });
    addMany(mine, 44, 60);
    editEntry(mine, "e2", { title: "Mine again" });
    removeEntry(mine, "e4");
    addMany(theirs, 40, 44);
    const parts = partsOf(Y.encodeStateAsUpdate(mine, Y.encodeStateVector(theirs)), SMALL);
    take([...parts, ...parts], theirs, (between) => {
      for (const entry of readEntries(between)) expect(entry.title).not.toBe("");
    });
    Y.applyUpdate(mine, everything(theirs));
    expect(readEntries(theirs)).toEqual(readEntries(mine));
    expect(readEntries(theirs)).toHaveLength(59);
  });

  it("splits what was taken away as well", () => {
    const doc = new Y.Doc();
    addMany(doc, 0, 200);
    const there = new Y.Doc();
    Y.applyUpdate(there, everything(doc));
    for (let number = 0; number < 200; number += 2) removeEntry(doc, `e${String(number)}`);
    const parts = partsOf(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(there)), 200);
    expect(parts.length).toBeGreaterThan(1);
    expect(readEntries(take(parts, there))).toEqual(readEntries(doc));
  });

  it("is refused where one change alone is too large", () => {
    const doc = new Y.Doc();
    doc.getMap("entries").set("x", "y".repeat(SMALL));
    expect(() => partsOf(everything(doc), SMALL)).toThrow(RangeError);
  });
});
