/** The songs that may be added: likeliest next first, then all that the artists play. */
import { plainTitle, type Suggestion } from "@setroom/shared";
import { keepSongs, keptSongs } from "@setroom/shared/song_shelf";
import type { SongIndex } from "@setroom/shared/song_index";
import { calm } from "@setroom/shared/ui/fingers.ts";
import type { Room } from "./room.svelte.ts";

/** The songs of a show are asked for again after this long, in milliseconds. */
const FRESH_MS = 10 * 60_000;

/** What finds songs, once it has come and taken the titles apart. */
interface Finding {
  SongIndex: typeof SongIndex;
  rest: SongIndex<Suggestion>;
  likely: readonly Suggestion[] | null;
  first: SongIndex<Suggestion>;
}

class Catalogue {
  #songs: readonly Suggestion[] = [];
  #finding = $state.raw<Finding | null>(null);
  #show_id = "";
  #asked_ms = -FRESH_MS;

  /** Takes what this device has, and asks for what is new. Without a signal the old stays. */
  async load(room: Room): Promise<void> {
    const { show_id } = room;
    if (this.#show_id !== show_id) {
      this.#show_id = show_id;
      this.#asked_ms = -FRESH_MS;
      this.#songs = await keptSongs(show_id);
      await this.#prepare();
    }
    if (performance.now() - this.#asked_ms < FRESH_MS) return;
    this.#asked_ms = performance.now();
    try {
      const { items } = await room.api.get<{ items: readonly Suggestion[] }>(`/api/shows/${show_id}/songs`);
      this.#songs = items;
      await this.#prepare();
      await keepSongs(show_id, items, Date.now());
    } catch {
      this.#asked_ms = -FRESH_MS;
    }
  }

  /**
   * Songs that a text may mean, each title once; without a text, what is likely next and not
   * `there` yet. What is likely comes before what fits as well.
   */
  find(text: string, likely: readonly Suggestion[], there: ReadonlySet<string>, limit: number): readonly Suggestion[] {
    if (text.trim() === "") return once(likely.filter(({ title }) => !there.has(plainTitle(title)))).slice(0, limit);
    const finding = this.#finding;
    if (finding === null) {
      return once(likely.filter(({ title }) => plainTitle(title).includes(plainTitle(text)))).slice(0, limit);
    }
    if (finding.likely !== likely) {
      finding.likely = likely;
      finding.first = finding.SongIndex.of(likely);
    }
    const found = [...finding.first.find(text, limit), ...finding.rest.find(text, limit)];
    return once(found.sort((a, b) => b.score - a.score).map(({ song }) => song)).slice(0, limit);
  }

  /** Takes the titles apart while nobody waits. */
  async #prepare(): Promise<void> {
    const songs = this.#songs;
    try {
      const { SongIndex } = await import("@setroom/shared/song_index");
      const rest = await SongIndex.build(songs, calm);
      if (songs === this.#songs) this.#finding = { SongIndex, rest, likely: null, first: SongIndex.of<Suggestion>([]) };
    } catch {
      // Without a signal: what is likely is found by its letters, and asked for again later.
    }
  }
}

/** Each title once, where it comes first. */
function once(songs: readonly Suggestion[]): readonly Suggestion[] {
  const seen = new Map<string, Suggestion>();
  for (const song of songs) {
    const key = plainTitle(song.title);
    if (!seen.has(key)) seen.set(key, song);
  }
  return [...seen.values()];
}

export const catalogue = new Catalogue();
