/**
 * What a person wrote in a document that has to be given up (the room's log is another one than
 * before, or their copy cannot be merged), kept as plain values and written anew into the next.
 */
import * as Y from "yjs";
import { entriesOf } from "./setlist.ts";

export interface Unsaved {
  entry_id: string;
  /** As the person left it; `null`: they removed it. */
  fields: Readonly<Record<string, unknown>> | null;
}

/** These entries as they stand. */
export function unsavedOf(doc: Y.Doc, entry_ids: Iterable<string>): readonly Unsaved[] {
  const entries = entriesOf(doc);
  return Array.from(entry_ids, (entry_id) => {
    const fields: unknown = entries.get(entry_id);
    return { entry_id, fields: fields instanceof Y.Map ? fields.toJSON() : null };
  });
}

/** Writes them into a document that is in step with the room: only what differs there. */
export function writeAnew(doc: Y.Doc, unsaved: readonly Unsaved[]): void {
  const entries = entriesOf(doc);
  doc.transact(() => {
    for (const { entry_id, fields } of unsaved) {
      const there: unknown = entries.get(entry_id);
      if (fields === null) {
        entries.delete(entry_id);
      } else if (there instanceof Y.Map) {
        for (const [name, value] of Object.entries(fields)) {
          if (there.get(name) !== value) there.set(name, value);
        }
      } else {
        entries.set(entry_id, new Y.Map(Object.entries(fields)));
      }
    }
  });
}
