/**
 * Songs to be found as fast as somebody types, in a catalogue of thousands.
 *
 * Every title is taken apart once, into groups of two and three letters. What is typed picks the
 * titles that share most of its groups, and only those are compared letter by letter: with letters
 * more, less, other or swapped, with words left out, turned round or run together.
 */
import { plainTitle } from "./songs.ts";

/** Titles compared letter by letter for one text. */
const COMPARED_MAX = 40;

/** A text is not a title's any more if more than this part of its letters is wrong. */
const WRONG_MAX = 0.4;

/** Letters of a text that count; a title longer than that is told apart by its beginning. */
const LETTERS_MAX = 40;

/** Titles taken apart before somebody else has the processor. */
const AT_ONCE = 200;

/** What fits better is worth more: whole, from its beginning, from a word's, anywhere. */
const EXACT = 5;
const BEGINS = 4;
const WORD_BEGINS = 3;
const CONTAINS = 2;

/** A song and how well it fits: up to 1 with slips, from 2 without. */
export interface Found<Song> {
  song: Song;
  score: number;
}

interface Title<Song> {
  song: Song;
  plain: string;
  /** As it sounds, by words; see `sounded`. */
  words: readonly string[];
  joined: string;
}

export class SongIndex<Song extends { title: string }> {
  readonly #titles: Title<Song>[] = [];
  /** Group of letters → the titles that have it, by their place. */
  readonly #having = new Map<string, number[]>();

  /** An index of a short list. */
  static of<Song extends { title: string }>(songs: readonly Song[]): SongIndex<Song> {
    const index = new SongIndex<Song>();
    for (const song of songs) index.#add(song);
    return index;
  }

  /** An index of a long list; `rest` is awaited between its parts. */
  static async build<Song extends { title: string }>(
    songs: readonly Song[],
    rest: () => Promise<void>,
  ): Promise<SongIndex<Song>> {
    const index = new SongIndex<Song>();
    for (const [place, song] of songs.entries()) {
      if (place % AT_ONCE === AT_ONCE - 1) await rest();
      index.#add(song);
    }
    return index;
  }

  /** Songs that a text may mean, the best first; those that fit equally well keep their order. */
  find(text: string, limit: number): readonly Found<Song>[] {
    const wanted = plainTitle(text).slice(0, LETTERS_MAX);
    if (wanted === "") return this.#titles.slice(0, limit).map(({ song }) => ({ song, score: 0 }));
    const found: (Found<Song> & { extra: number })[] = [];
    const sure = new Set<number>();
    for (let place = 0; place < this.#titles.length; place += 1) {
      const title = this.#titles[place];
      const score = title === undefined ? 0 : fit(title.plain, wanted);
      if (title === undefined || score === 0) continue;
      sure.add(place);
      found.push({ song: title.song, score, extra: 0 });
    }
    if (found.length < limit) {
      const words = sounded(wanted);
      for (const place of this.#alike(words)) {
        const title = this.#titles[place];
        if (title === undefined || sure.has(place)) continue;
        const score = 1 - slips(words, title);
        const extra = Math.abs(title.joined.length - words.join("").length);
        if (score >= 1 - WRONG_MAX) found.push({ song: title.song, score, extra });
      }
    }
    return found.sort((a, b) => b.score - a.score || a.extra - b.extra).slice(0, limit);
  }

  #add(song: Song): void {
    const plain = plainTitle(song.title);
    const words = sounded(plain);
    const place = this.#titles.push({ song, plain, words, joined: words.join("").slice(0, 2 * LETTERS_MAX) }) - 1;
    for (const group of groupsOf(words)) {
      const having = this.#having.get(group);
      if (having === undefined) this.#having.set(group, [place]);
      else having.push(place);
    }
  }

  /** Titles that share most groups of letters with some words, those with the most first. */
  #alike(words: readonly string[]): readonly number[] {
    const shared = new Float32Array(this.#titles.length);
    const places: number[] = [];
    for (const group of groupsOf(words)) {
      const having = this.#having.get(group) ?? [];
      // What few titles have says more.
      const weight = 1 / Math.log2(4 + having.length);
      for (const place of having) {
        if (shared[place] === 0) places.push(place);
        shared[place] = (shared[place] ?? 0) + weight;
      }
    }
    // Sorting thousands for forty takes longer than to find first what the fortieth has.
    const least = Float32Array.from(places, (place) => shared[place] ?? 0).sort().at(-COMPARED_MAX) ?? 0;
    return places
      .filter((place) => (shared[place] ?? 0) >= least)
      .sort((a, b) => (shared[b] ?? 0) - (shared[a] ?? 0) || a - b)
      .slice(0, COMPARED_MAX);
  }
}

function fit(plain: string, wanted: string): number {
  const at = plain.indexOf(wanted);
  if (at < 0) return 0;
  if (at === 0) return plain.length === wanted.length ? EXACT : BEGINS;
  return ` ${plain}`.includes(` ${wanted}`) ? WORD_BEGINS : CONTAINS;
}

/** A plain title's words as they sound: initials as one word, no letter twice, `ph` as `f`. */
function sounded(plain: string): readonly string[] {
  return plain
    .replace(/(?<=\b\p{L}) (?=\p{L}\b)/gu, "")
    .replace(/ph/g, "f")
    .replace(/(\p{L})\1/gu, "$1")
    .split(" ");
}

/** Two and three letters each, over the borders of words, and what a word begins with. */
function groupsOf(words: readonly string[]): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const word of words) groups.add(`^${word.slice(0, 1)}`).add(`^${word.slice(0, 2)}`);
  const joined = words.join("");
  for (let at = 0; at + 2 <= joined.length; at += 1) {
    groups.add(joined.slice(at, at + 2)).add(joined.slice(at, at + 3));
  }
  return groups;
}

/** The part of the letters of some words that a title does not have so, from 0 to 1. */
function slips(words: readonly string[], title: { words: readonly string[]; joined: string }): number {
  const joined = words.join("");
  let apart = 0;
  for (const word of words) {
    let best = word.length;
    for (const other of title.words) best = Math.min(best, edits(word, other, best));
    apart += best;
  }
  return Math.min(apart, edits(joined, title.joined, apart)) / joined.length;
}

/**
 * Letters to add, drop, change or swap so that a text begins another one ("optimal string
 * alignment"); `most`: more are not told apart.
 */
function edits(text: string, other: string, most: number): number {
  const length = Math.min(other.length, text.length + most);
  let before: number[] = [];
  let last = Array.from({ length: length + 1 }, (_, at) => at);
  for (let i = 1; i <= text.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= length; j += 1) {
      const same = text.charCodeAt(i - 1) === other.charCodeAt(j - 1) ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && text[i - 1] === other[j - 2] && text[i - 2] === other[j - 1];
      if (swapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
      if (cost < least) least = cost;
    }
    if (least >= most) return most;
    before = last;
    last = row;
  }
  return Math.min(most, ...last);
}

/** Songs of a short list that a text may mean, the best first. An array is taken apart once. */
export function songsLike<Song extends { title: string }>(
  songs: readonly Song[],
  text: string,
  limit: number,
): readonly Song[] {
  const index = (known.get(songs) as SongIndex<Song> | undefined) ?? SongIndex.of(songs);
  known.set(songs, index);
  return index.find(text, limit).map(({ song }) => song);
}

const known = new WeakMap<readonly object[], unknown>();
