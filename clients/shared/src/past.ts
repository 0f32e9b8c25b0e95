/** Calls about a setlist's past. */
import {
  uuidv7,
  type Api,
  type HistoryPage,
  type RewriteView,
  type RollbackBody,
  type SetlistEntry,
  compareEntries,
  entryFrom,
} from "./index.ts";

const PAGE = 30;

/** A page of history, newest first. */
export function history(
  api: Api,
  show_id: string,
  entry_id: string | null,
  cursor: string | null,
): Promise<HistoryPage> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (entry_id !== null) query.set("entry_id", entry_id);
  if (cursor !== null) query.set("cursor", cursor);
  return api.get(`/api/shows/${show_id}/setlist/history?${query.toString()}`);
}

/** The list as it was after an event. */
export async function listAfter(api: Api, show_id: string, seq: number): Promise<readonly SetlistEntry[]> {
  const path = `/api/shows/${show_id}/setlist?seq=${String(seq)}`;
  const { entries } = await api.get<{ entries: readonly Readonly<Record<string, unknown>>[] }>(path);
  return entries.map((fields) => entryFrom(String(fields.id), fields)).sort(compareEntries);
}

/** Brings the whole list back to what it was after an event. */
export function rollBack(api: Api, show_id: string, to_seq: number): Promise<RewriteView> {
  const body: RollbackBody = { command_id: uuidv7(), to_seq };
  return api.post(`/api/shows/${show_id}/setlist/rollback`, body);
}

/** Brings one entry back to what it was after an event. */
export function restore(api: Api, show_id: string, entry_id: string, to_seq: number): Promise<RewriteView> {
  return api.post(`/api/shows/${show_id}/setlist/restore`, { command_id: uuidv7(), entry_id, to_seq });
}

/** Takes back what an event changed and nobody changed since. */
export function undo(api: Api, show_id: string, seq: number): Promise<RewriteView> {
  return api.post(`/api/shows/${show_id}/setlist/undo`, { command_id: uuidv7(), seq });
}

/** What a list would gain and lose by becoming another: titles in the order of playing. */
export interface Difference {
  entry: SetlistEntry;
  kind: "same" | "back" | "gone" | "changed";
  /** What it is called now, where that differs. */
  now?: string;
}

/** The list as it would be, with what would go at the end. */
export function differences(
  now: readonly SetlistEntry[],
  then: readonly SetlistEntry[],
): readonly Difference[] {
  const current = new Map(now.map((entry) => [entry.entry_id, entry]));
  const kept = new Set(then.map((entry) => entry.entry_id));
  const list = then.map((entry): Difference => {
    const other = current.get(entry.entry_id);
    if (other === undefined) return { entry, kind: "back" };
    if (sameEntry(other, entry)) return { entry, kind: "same" };
    return { entry, kind: "changed", ...(other.title === entry.title ? {} : { now: other.title }) };
  });
  const gone = now.filter((entry) => !kept.has(entry.entry_id));
  return [...list, ...gone.map((entry): Difference => ({ entry, kind: "gone" }))];
}

function sameEntry(a: SetlistEntry, b: SetlistEntry): boolean {
  const text = (entry: SetlistEntry): string =>
    JSON.stringify(Object.entries(entry).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}
