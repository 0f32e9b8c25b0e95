/** Takes everything of a person off this device: what they saw, and what they wrote. */
import { ROOMS_CACHE_PREFIX } from "./saved_rooms.ts";
import { FORGET_KEY } from "./session.ts";
import { readJson, writeJson, type KeyValueStorage } from "./storage.ts";

/** The name of a setlist's database. */
export function databaseOf(show_id: string, account_id: string): string {
  return `setroom:${show_id}:${account_id}`;
}

/** Forgets whoever has left and is not forgotten yet. */
export async function forgetLeft(storage: KeyValueStorage): Promise<void> {
  const account_id = readJson(storage, FORGET_KEY, (value) => typeof value === "string", "");
  if (account_id === "") return;
  await forgetAccount(account_id, storage);
  writeJson(storage, FORGET_KEY, null);
}

/** Forgets an account: saved rooms, documents, what waits. Never throws. */
export async function forgetAccount(account_id: string, storage: KeyValueStorage): Promise<void> {
  forgetKeys(account_id, storage);
  const caches = globalThis.caches as CacheStorage | undefined;
  await Promise.allSettled([caches?.delete(ROOMS_CACHE_PREFIX + account_id), forgetDocuments(account_id)]);
}

/** Forgets one room's document, unless something in it was not saved. */
export function forgetDocument(show_id: string, account_id: string, storage: KeyValueStorage): void {
  if (storage.getItem(`setroom:unsaved:${show_id}:${account_id}`) !== null) return;
  deleteDatabase(databaseOf(show_id, account_id));
}

/** `setroom:outbox:…`, `setroom:unsaved:…`: all that names the account. */
function forgetKeys(account_id: string, storage: KeyValueStorage): void {
  const keys: string[] = [];
  for (let at = 0; at < storage.length; at += 1) {
    const key = storage.key(at);
    if (key?.startsWith("setroom:") && key.includes(`:${account_id}`)) keys.push(key);
  }
  for (const key of keys) storage.removeItem(key);
}

async function forgetDocuments(account_id: string): Promise<void> {
  const databases = await (globalThis.indexedDB as IDBFactory | undefined)?.databases();
  for (const { name } of databases ?? []) {
    if (name?.startsWith("setroom:") && name.endsWith(`:${account_id}`)) deleteDatabase(name);
  }
}

function deleteDatabase(name: string): void {
  try {
    indexedDB.deleteDatabase(name);
  } catch {
    // A browser that has none has nothing to forget.
  }
}
