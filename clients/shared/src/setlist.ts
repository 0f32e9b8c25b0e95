/**
 * The setlist document: a `Y.Map` of entries, each a `Y.Map` of fields.
 *
 * Order is (section, position, entry_id). Moving a song is one write of `position` (and of
 * `section`, where it changes), so two people who move the same song never make two of it.
 * Nothing is ever written because the document is empty.
 */
import * as Y from "yjs";
import { NOTE_CHARACTERS_MAX, TITLE_CHARACTERS_MAX } from "./limits.ts";
import { positionBetween, type Random } from "./ordering.ts";

const numbered = (name: string): string[] =>
  Array.from({ length: 9 }, (_, index) => `${name}${String(index + 1)}`);

/** Sections in playing order, which is not the alphabet's. */
export const SECTIONS: readonly string[] = ["soundcheck", ...numbered("set"), ...numbered("encore")];

export const DEFAULT_SECTION = "set1";

export interface SetlistEntry {
  entry_id: string;
  /** Empty only while its editor has not sent one yet. */
  title: string;
  section: string;
  /** Fractional index inside the section; empty: last. */
  position: string;
  segue: boolean;
  song_id?: string;
  artist?: string;
  note?: string;
  started_at?: string;
  added_by?: string;
}

/** What somebody says about a song when adding it. */
export interface NewEntry {
  title: string;
  section: string;
  song_id?: string;
  artist?: string;
  added_by?: string;
}

/** Fields that people edit in place. */
export type EntryEdit = Partial<Pick<SetlistEntry, "title" | "note" | "segue">>;

export type EntriesMap = Y.Map<Y.Map<unknown>>;

/** The root of the document. */
export function entriesOf(doc: Y.Doc): EntriesMap {
  return doc.getMap("entries");
}

/** Less than 0 when `a` is played before `b`. */
export function compareEntries(a: SetlistEntry, b: SetlistEntry): number {
  return (
    SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section) ||
    Number(a.position === "") - Number(b.position === "") ||
    compareText(a.position, b.position) ||
    compareText(a.entry_id, b.entry_id)
  );
}

/** The setlist in playing order, read by the rules of the server's `crdt/schema.py`. */
export function readEntries(doc: Y.Doc): SetlistEntry[] {
  const entries: SetlistEntry[] = [];
  for (const [entry_id, fields] of entriesOf(doc)) {
    if (fields instanceof Y.Map) entries.push(entryFrom(entry_id, fields.toJSON()));
  }
  return entries.sort(compareEntries);
}

/** An entry from plain fields. Values of the wrong type count as absent. */
export function entryFrom(
  entry_id: string,
  fields: Readonly<Record<string, unknown>>,
): SetlistEntry {
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  };
  const section = text("section");
  const entry: SetlistEntry = {
    entry_id,
    title: text("title"),
    section: SECTIONS.includes(section) ? section : DEFAULT_SECTION,
    position: text("position"),
    segue: fields.segue === true,
  };
  for (const name of ["song_id", "artist", "note", "started_at", "added_by"] as const) {
    if (text(name) !== "") entry[name] = text(name);
  }
  return entry;
}

/** Appends a song to a section. `entry_id` is minted by the caller. */
export function addEntry(
  doc: Y.Doc,
  entry_id: string,
  song: NewEntry,
  random: Random = Math.random,
): void {
  const last = readEntries(doc).findLast((entry) => entry.section === song.section);
  doc.transact(() => {
    const fields = new Y.Map<unknown>();
    fields.set("title", cut(song.title, TITLE_CHARACTERS_MAX));
    fields.set("section", song.section);
    fields.set("position", positionBetween(last?.position || null, null, random));
    fields.set("segue", false);
    for (const name of ["song_id", "artist", "added_by"] as const) {
      if (song[name] !== undefined) fields.set(name, song[name]);
    }
    entriesOf(doc).set(entry_id, fields);
  });
}

/** Changes fields of an entry; an empty note is taken away. Gone entries are left gone. */
export function editEntry(doc: Y.Doc, entry_id: string, edit: EntryEdit): void {
  const fields = entriesOf(doc).get(entry_id);
  if (fields === undefined) return;
  doc.transact(() => {
    if (edit.title !== undefined && edit.title.trim() !== "") {
      set(fields, "title", cut(edit.title.trim(), TITLE_CHARACTERS_MAX));
    }
    if (edit.segue !== undefined) set(fields, "segue", edit.segue);
    const note = edit.note?.trim();
    if (note === "") fields.delete("note");
    else if (note !== undefined) set(fields, "note", cut(note, NOTE_CHARACTERS_MAX));
  });
}

/** Takes an entry out. */
export function removeEntry(doc: Y.Doc, entry_id: string): void {
  entriesOf(doc).delete(entry_id);
}

/**
 * Moves an entry one place up or down, over the border of a section where it stands at one.
 *
 * @returns whether it moved.
 */
export function moveEntry(
  doc: Y.Doc,
  entry_id: string,
  direction: "up" | "down",
  random: Random = Math.random,
): boolean {
  const entries = readEntries(doc);
  const index = entries.findIndex((entry) => entry.entry_id === entry_id);
  const entry = entries[index];
  const neighbour = entries[index + (direction === "up" ? -1 : 1)];
  if (entry === undefined || neighbour === undefined) return false;
  if (neighbour.section !== entry.section) {
    const others = entries.filter((other) => other.section === neighbour.section);
    return direction === "up"
      ? place(doc, entry_id, neighbour.section, others.at(-1) ?? null, null, random)
      : place(doc, entry_id, neighbour.section, null, others[0] ?? null, random);
  }
  const beyond = entries[index + (direction === "up" ? -2 : 2)];
  const next = beyond?.section === entry.section ? beyond : null;
  return direction === "up"
    ? place(doc, entry_id, entry.section, next, neighbour, random)
    : place(doc, entry_id, entry.section, neighbour, next, random);
}

/** Moves an entry to the place between two others of a section (after a drag). */
export function placeEntry(
  doc: Y.Doc,
  entry_id: string,
  section: string,
  index: number,
  random: Random = Math.random,
): boolean {
  const others = readEntries(doc).filter(
    (entry) => entry.section === section && entry.entry_id !== entry_id,
  );
  return place(doc, entry_id, section, others[index - 1] ?? null, others[index] ?? null, random);
}

function place(
  doc: Y.Doc,
  entry_id: string,
  section: string,
  before: SetlistEntry | null,
  after: SetlistEntry | null,
  random: Random,
): boolean {
  const fields = entriesOf(doc).get(entry_id);
  if (fields === undefined) return false;
  const low = before?.position || null;
  // Two equal positions (they can meet by merging) leave no room between them: go after both.
  const above = after?.position || null;
  const high = above !== null && (low === null || low < above) ? above : null;
  const position = positionBetween(low, high, random);
  doc.transact(() => {
    set(fields, "section", section);
    set(fields, "position", position);
  });
  return true;
}

function set(fields: Y.Map<unknown>, name: string, value: unknown): void {
  if (fields.get(name) !== value) fields.set(name, value);
}

/** At most so many characters, without control characters, which the server refuses. */
function cut(text: string, characters: number): string {
  const plain = text.replace(/[\x00-\x1f\x7f]+/g, " ").trim();
  return Array.from(plain).slice(0, characters).join("");
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
