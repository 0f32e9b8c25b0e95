/**
 * The last rooms of a person on this device, as they stood: for a page without a network.
 *
 * They lie in the browser's cache storage under the account's name, so that nobody sees another
 * one's; whoever logs out leaves nothing. The service worker looks at their addresses only.
 */
import { SAVED_ROOMS_MAX } from "./limits.ts";
import type { RoomState } from "./room_state.ts";
import type { ShowFacts } from "./wire.ts";

export const ROOMS_CACHE_PREFIX = "setroom-rooms:";

/** A room as it stood. */
export interface SavedRoom {
  state: RoomState;
  /** Milliseconds since 1970, by this device. */
  saved_at_ms: number;
}

/** What a list of rooms shows. */
export interface SavedRoomFacts {
  show: ShowFacts;
  saved_at_ms: number;
  songs: number;
}

const INDEX = "/index";
const pathOf = (slug: string): string => `/shows/${encodeURIComponent(slug)}`;

export class SavedRooms {
  readonly #caches: CacheStorage | undefined;
  readonly #name: string;

  constructor(account_id: string, caches: CacheStorage | undefined = cacheStorage()) {
    this.#caches = caches;
    this.#name = ROOMS_CACHE_PREFIX + account_id;
  }

  /** The last ones, newest first. */
  async list(): Promise<readonly SavedRoomFacts[]> {
    return (await this.#read<readonly SavedRoomFacts[]>(INDEX)) ?? [];
  }

  /** A room, if it is among the last ones. */
  read(slug: string): Promise<SavedRoom | null> {
    return this.#read<SavedRoom>(pathOf(slug));
  }

  /** Keeps a room as it is. @returns rooms that had to go for it. */
  async save(state: RoomState, now_ms: number): Promise<readonly SavedRoomFacts[]> {
    const cache = await this.#open();
    if (cache === null) return [];
    const { show, entries } = state;
    const others = (await this.list()).filter((other) => other.show.show_id !== show.show_id);
    const newest: SavedRoomFacts = { show, saved_at_ms: now_ms, songs: entries.length };
    const all = [newest, ...others];
    const gone = all.slice(SAVED_ROOMS_MAX);
    const saved: SavedRoom = { state: { ...state, versions: {} }, saved_at_ms: now_ms };
    await cache.put(pathOf(show.slug), Response.json(saved));
    await cache.put(INDEX, Response.json(all.slice(0, SAVED_ROOMS_MAX)));
    await Promise.all(gone.map((room) => cache.delete(pathOf(room.show.slug))));
    return gone;
  }

  async #read<Value>(path: string): Promise<Value | null> {
    try {
      // Whoever only looks leaves nothing behind.
      if (!(await this.#caches?.has(this.#name))) return null;
      const cache = await this.#open();
      return ((await (await cache?.match(path))?.json()) as Value | undefined) ?? null;
    } catch {
      return null;
    }
  }

  /** The cache, or `null` where the browser has none (private windows, plain HTTP). */
  async #open(): Promise<Cache | null> {
    try {
      return (await this.#caches?.open(this.#name)) ?? null;
    } catch {
      return null;
    }
  }
}

function cacheStorage(): CacheStorage | undefined {
  return globalThis.caches as CacheStorage | undefined;
}
