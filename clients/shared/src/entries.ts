/** Entries of a setlist as plain values: what can be shown before there is a document. */

const numbered = (name: string): string[] =>
  Array.from({ length: 9 }, (_, index) => `${name}${String(index + 1)}`);

/** Sections in playing order, which is not the alphabet's. */
export const SECTIONS: readonly string[] = ["soundcheck", ...numbered("set"), ...numbered("encore")];

export const DEFAULT_SECTION = "set1";

const PLACES: ReadonlyMap<string, number> = new Map(SECTIONS.map((section, place) => [section, place]));

export interface SetlistEntry {
  entry_id: string;
  /** Empty only while its editor has not sent one yet. */
  title: string;
  section: string;
  /** Fractional index inside the section; empty: last. */
  position: string;
  segue: boolean;
  song_id?: string;
  /** Whose song it is, where it is a cover. */
  artist?: string;
  /** Who sat in. */
  guests?: string;
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
  guests?: string;
  note?: string;
  segue?: boolean;
  added_by?: string;
}

/** Fields that people edit in place. */
export type EntryEdit = Partial<Pick<
  SetlistEntry,
  "title" | "artist" | "guests" | "note" | "segue" | "started_at"
>>;

type Ordered = Pick<SetlistEntry, "entry_id" | "section" | "position">;

/** Less than 0 when `a` is played before `b`. */
export function compareEntries(a: Ordered, b: Ordered): number {
  return (
    (PLACES.get(a.section) ?? -1) - (PLACES.get(b.section) ?? -1) ||
    Number(a.position === "") - Number(b.position === "") ||
    compareText(a.position, b.position) ||
    compareText(a.entry_id, b.entry_id)
  );
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
  const entry: SetlistEntry = {
    entry_id,
    title: text("title"),
    ...placeFrom(fields.section, fields.position),
    segue: fields.segue === true,
  };
  for (const name of ["song_id", "artist", "guests", "note", "started_at", "added_by"] as const) {
    if (text(name) !== "") entry[name] = text(name);
  }
  return entry;
}

/** Where an entry stands, by the same rules. */
export function placeFrom(section: unknown, position: unknown): Pick<SetlistEntry, "section" | "position"> {
  return {
    section: typeof section === "string" && PLACES.has(section) ? section : DEFAULT_SECTION,
    position: typeof position === "string" ? position : "",
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
