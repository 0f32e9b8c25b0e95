/**
 * The songs of a show's artists, kept on this device: to be searched without a signal.
 *
 * Fetched once a night (the server's ETag makes a second time cheap) and kept in the browser's
 * database, which has room for the five thousand songs that a catalogue may have.
 */
import type { Suggestion } from "./api.ts";

const DATABASE = "setroom:songs";
const STORE = "shows";

/** Shows whose songs are kept; the oldest go first. */
const SHOWS_KEPT = 12;

interface Kept {
  show_id: string;
  kept_at_ms: number;
  songs: readonly Suggestion[];
}

/** What was kept of a show; empty without a database, or before the first visit. */
export async function keptSongs(show_id: string): Promise<readonly Suggestion[]> {
  const kept = await withStore<Kept | undefined>("readonly", (store) => store.get(show_id)).catch(() => undefined);
  return kept?.songs ?? [];
}

/** Keeps the songs of a show. A browser without a database forgets them, and goes on. */
export async function keepSongs(show_id: string, songs: readonly Suggestion[], now_ms: number): Promise<void> {
  try {
    await withStore("readwrite", (store) => store.put({ show_id, kept_at_ms: now_ms, songs } satisfies Kept));
    const all = await withStore<Kept[]>("readonly", (store) => store.getAll());
    const old = all.sort((a, b) => b.kept_at_ms - a.kept_at_ms).slice(SHOWS_KEPT);
    for (const kept of old) await withStore("readwrite", (store) => store.delete(kept.show_id));
  } catch {
    // What cannot be kept is asked for again.
  }
}

async function withStore<Answer>(
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest,
): Promise<Answer> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => void opening.result.createObjectStore(STORE, { keyPath: "show_id" });
  const database = await settled<IDBDatabase>(opening);
  try {
    return await settled<Answer>(use(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function settled<Answer>(request: IDBRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as Answer);
    request.onerror = () => reject(request.error ?? new Error("the database said nothing"));
  });
}
