import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { uuidv7 } from "../src/ids.ts";
import {
  addEntry,
  editEntry,
  entriesOf,
  moveEntry,
  placeEntry,
  readEntries,
  removeEntry,
} from "../src/setlist.ts";

function document(...titles: string[]): Y.Doc {
  const doc = new Y.Doc();
  for (const title of titles) addEntry(doc, title, { title, section: "set1" });
  return doc;
}

function sync(...docs: Y.Doc[]): void {
  for (const from of docs) {
    for (const to of docs) if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from));
  }
}

const titles = (doc: Y.Doc): string[] => readEntries(doc).map((entry) => entry.title);

describe("the setlist document", () => {
  it("is empty until somebody writes", () => {
    const doc = new Y.Doc();
    readEntries(doc);
    expect(Y.encodeStateAsUpdate(doc)).toHaveLength(2);
  });

  it("keeps sections in playing order, not in the alphabet's", () => {
    const doc = new Y.Doc();
    for (const section of ["encore1", "set2", "soundcheck", "set1"]) {
      addEntry(doc, section, { title: section, section });
    }
    expect(titles(doc)).toEqual(["soundcheck", "set1", "set2", "encore1"]);
  });

  it("moves one place at a time, and over the border of a section", () => {
    const doc = document("a", "b", "c");
    addEntry(doc, "d", { title: "d", section: "set2" });
    expect(moveEntry(doc, "c", "up")).toBe(true);
    expect(titles(doc)).toEqual(["a", "c", "b", "d"]);
    moveEntry(doc, "a", "down");
    expect(titles(doc)).toEqual(["c", "a", "b", "d"]);
    moveEntry(doc, "b", "down");
    expect(readEntries(doc).find((entry) => entry.entry_id === "b")?.section).toBe("set2");
    expect(titles(doc)).toEqual(["c", "a", "b", "d"]);
    expect(moveEntry(doc, "c", "up")).toBe(false);
  });

  it("can be put at any place of a section", () => {
    const doc = document("a", "b", "c");
    placeEntry(doc, "c", "set1", 0);
    expect(titles(doc)).toEqual(["c", "a", "b"]);
    placeEntry(doc, "c", "set2", 0);
    expect(titles(doc)).toEqual(["a", "b", "c"]);
  });

  it("never has a song twice after two people moved it at once", () => {
    const one = document("a", "b", "c", "d");
    const two = new Y.Doc();
    sync(one, two);
    moveEntry(one, "d", "up");
    placeEntry(two, "d", "set1", 0);
    sync(one, two);
    expect(titles(one)).toEqual(titles(two));
    expect([...titles(one)].sort()).toEqual(["a", "b", "c", "d"]);
  });

  it("merges what two people appended without a signal", () => {
    const one = document("a");
    const two = new Y.Doc();
    sync(one, two);
    addEntry(one, uuidv7(), { title: "one", section: "set1" });
    addEntry(two, uuidv7(), { title: "two", section: "set1" });
    sync(one, two);
    expect(titles(one)).toEqual(titles(two));
    expect(titles(one)).toHaveLength(3);
  });

  it("lets a removed song stay removed when somebody else edits it", () => {
    const one = document("a", "b");
    const two = new Y.Doc();
    sync(one, two);
    removeEntry(one, "a");
    editEntry(two, "a", { title: "A" });
    sync(one, two);
    expect(titles(one)).toEqual(["b"]);
    expect(titles(two)).toEqual(["b"]);
  });

  it("writes nothing when nothing changes, and no title that is empty", () => {
    const doc = document("a");
    const before = Y.encodeStateAsUpdate(doc).length;
    editEntry(doc, "a", { title: "a", segue: false });
    editEntry(doc, "a", { title: "  " });
    editEntry(doc, "gone", { title: "x" });
    expect(Y.encodeStateAsUpdate(doc)).toHaveLength(before);
  });

  it("keeps who sat in, whose song it is and when it began, and lets them be taken away", () => {
    const doc = document("a");
    const told = { artist: "Chuck Berry", guests: "Bo Diddley", started_at: "1972-03-25T21:30:00Z" };
    editEntry(doc, "a", told);
    expect(readEntries(doc)[0]).toMatchObject(told);
    editEntry(doc, "a", { guests: " ", started_at: "" });
    expect(entriesOf(doc).get("a")?.has("guests")).toBe(false);
    expect(readEntries(doc)[0]?.started_at).toBeUndefined();
    expect(readEntries(doc)[0]?.artist).toBe("Chuck Berry");
  });

  it("cuts what the server would refuse", () => {
    const doc = document("a");
    editEntry(doc, "a", { title: "x".repeat(300), note: "line\u0000" });
    const [entry] = readEntries(doc);
    expect(entry?.title).toHaveLength(200);
    expect(entry?.note).toBe("line");
  });

  it("reads what others broke by the server's rules", () => {
    const doc = new Y.Doc();
    const fields = new Y.Map<unknown>();
    entriesOf(doc).set("odd", fields);
    fields.set("section", "intermission");
    fields.set("title", 7);
    addEntry(doc, "good", { title: "good", section: "set1" });
    expect(readEntries(doc).map((entry) => [entry.entry_id, entry.section, entry.title])).toEqual([
      ["good", "set1", "good"],
      ["odd", "set1", ""],
    ]);
  });
});
