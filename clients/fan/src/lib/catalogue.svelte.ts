/** The songs that may be added: likeliest next first, then all that the artists play. */
import { plainTitle, songsLike, type Suggestion } from "@setroom/shared";
import { keepSongs, keptSongs } from "@setroom/shared/song_shelf";
import type { Room } from "./room.svelte.ts";

/** The songs of a show are asked for again after this long, in milliseconds. */
const FRESH_MS = 10 * 60_000;

class Catalogue {
  #songs = $state.raw<readonly Suggestion[]>([]);
  #show_id = "";
  #asked_ms = -FRESH_MS;

  /** Takes what this device has, and asks for what is new. Without a signal the old stays. */
  async load(room: Room): Promise<void> {
    const { show_id } = room;
    if (this.#show_id !== show_id) {
      this.#show_id = show_id;
      this.#asked_ms = -FRESH_MS;
      this.#songs = await keptSongs(show_id);
    }
    if (performance.now() - this.#asked_ms < FRESH_MS) return;
    this.#asked_ms = performance.now();
    try {
      const { items } = await room.api.get<{ items: readonly Suggestion[] }>(`/api/shows/${show_id}/songs`);
      this.#songs = items;
      await keepSongs(show_id, items, Date.now());
    } catch {
      this.#asked_ms = -FRESH_MS;
    }
  }

  /** Songs that a text may mean; without a text, what is likely next. Each title once. */
  find(text: string, likely: readonly Suggestion[], there: ReadonlySet<string>, limit: number): readonly Suggestion[] {
    const once = new Map<string, Suggestion>();
    for (const song of [...likely, ...(text.trim() === "" ? [] : this.#songs)]) {
      const key = plainTitle(song.title);
      if (!once.has(key) && (text.trim() !== "" || !there.has(key))) once.set(key, song);
    }
    return songsLike([...once.values()], text, limit);
  }
}

export const catalogue = new Catalogue();
