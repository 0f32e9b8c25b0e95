/**
 * The setlist document: a `Y.Map` of entries, each a `Y.Map` of fields.
 *
 * Order is (section, position, entry_id). Moving a song is one write of `position` (and of
 * `section`, where it changes), so two people who move the same song never make two of it.
 * Nothing is ever written because the document is empty.
 */
import * as Y from "yjs";
import { compareEntries, entryFrom, placeFrom, type EntryEdit, type NewEntry, type SetlistEntry } from "./entries.ts";
import {
  ARTIST_CHARACTERS_MAX,
  GUESTS_CHARACTERS_MAX,
  NOTE_CHARACTERS_MAX,
  TITLE_CHARACTERS_MAX,
} from "./limits.ts";
import { positionBetween, type Random } from "./ordering.ts";

export type EntriesMap = Y.Map<Y.Map<unknown>>;

/** The root of the document. */
export function entriesOf(doc: Y.Doc): EntriesMap {
  return doc.getMap("entries");
}

/** The setlist in playing order, read by the rules of the server's `crdt/schema.py`. */
export function readEntries(doc: Y.Doc): SetlistEntry[] {
  const entries: SetlistEntry[] = [];
  for (const [entry_id, fields] of entriesOf(doc)) {
    if (fields instanceof Y.Map) entries.push(entryFrom(entry_id, fields.toJSON()));
  }
  return entries.sort(compareEntries);
}

/** Where an entry stands: all that finding a place among the others needs. */
type Place = Pick<SetlistEntry, "entry_id" | "section" | "position">;

/** The entries' places in playing order: reading three hundred whole for one move takes a phone long. */
function placesOf(doc: Y.Doc): Place[] {
  const places: Place[] = [];
  for (const [entry_id, fields] of entriesOf(doc)) {
    if (!(fields instanceof Y.Map)) continue;
    const { section, position } = placeFrom(fields.get("section"), fields.get("position"));
    places.push({ entry_id, section, position });
  }
  return places.sort(compareEntries);
}

/** Appends a song to a section. `entry_id` is minted by the caller. */
export function addEntry(
  doc: Y.Doc,
  entry_id: string,
  song: NewEntry,
  random: Random = Math.random,
): void {
  const last = placesOf(doc).findLast((entry) => entry.section === song.section);
  doc.transact(() => {
    const fields = new Y.Map<unknown>();
    fields.set("title", cut(song.title, TITLE_CHARACTERS_MAX));
    fields.set("section", song.section);
    fields.set("position", positionBetween(last?.position || null, null, random));
    fields.set("segue", song.segue ?? false);
    for (const name of ["song_id", "artist", "guests", "note", "added_by"] as const) {
      if (song[name] !== undefined) fields.set(name, song[name]);
    }
    entriesOf(doc).set(entry_id, fields);
  });
}

/** Optional texts that people edit in place, with the characters that they may have. */
const OPTIONAL_TEXTS = {
  artist: ARTIST_CHARACTERS_MAX,
  guests: GUESTS_CHARACTERS_MAX,
  note: NOTE_CHARACTERS_MAX,
  started_at: 40,
} as const;

/** Changes fields of an entry; an empty optional one is taken away. Gone entries stay gone. */
export function editEntry(doc: Y.Doc, entry_id: string, edit: EntryEdit): void {
  const fields = entriesOf(doc).get(entry_id);
  if (fields === undefined) return;
  doc.transact(() => {
    if (edit.title !== undefined && edit.title.trim() !== "") {
      set(fields, "title", cut(edit.title.trim(), TITLE_CHARACTERS_MAX));
    }
    if (edit.segue !== undefined) set(fields, "segue", edit.segue);
    for (const name of ["artist", "guests", "note", "started_at"] as const) {
      const text = edit[name]?.trim();
      if (text === "") fields.delete(name);
      else if (text !== undefined) set(fields, name, cut(text, OPTIONAL_TEXTS[name]));
    }
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
  const entries = placesOf(doc);
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
  const others = placesOf(doc).filter(
    (entry) => entry.section === section && entry.entry_id !== entry_id,
  );
  return place(doc, entry_id, section, others[index - 1] ?? null, others[index] ?? null, random);
}

function place(
  doc: Y.Doc,
  entry_id: string,
  section: string,
  before: Place | null,
  after: Place | null,
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
