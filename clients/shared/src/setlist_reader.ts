/**
 * The setlist as plain values, read again only where the document changed.
 *
 * An entry that nobody touched stays the same object, so that a page draws one row for one edit
 * and not three hundred.
 */
import * as Y from "yjs";
import { compareEntries, entryFrom, type SetlistEntry } from "./entries.ts";
import { entriesOf } from "./setlist.ts";

export class SetlistReader {
  readonly #doc: Y.Doc;
  readonly #known = new Map<string, SetlistEntry>();
  /** Entries that changed since they were read; `null`: none was read yet. */
  #stale: Set<string> | null = null;
  #list: readonly SetlistEntry[] = [];

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    entriesOf(doc).observeDeep(this.#changed);
  }

  /** The entries in playing order; the same array as before where nothing changed. */
  read(): readonly SetlistEntry[] {
    if (this.#stale?.size === 0) return this.#list;
    const entries = entriesOf(this.#doc);
    for (const entry_id of this.#stale ?? entries.keys()) {
      const fields = entries.get(entry_id);
      if (fields instanceof Y.Map) this.#known.set(entry_id, entryFrom(entry_id, fields.toJSON()));
      else this.#known.delete(entry_id);
    }
    this.#stale = new Set();
    this.#list = [...this.#known.values()].sort(compareEntries);
    return this.#list;
  }

  /** Lets go of the document. */
  destroy(): void {
    entriesOf(this.#doc).unobserveDeep(this.#changed);
  }

  readonly #changed = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): void => {
    for (const event of events) {
      const [entry_id] = event.path;
      if (typeof entry_id === "string") this.#stale?.add(entry_id);
      else for (const key of event.keys.keys()) this.#stale?.add(key);
    }
  };
}
