/**
 * How many songs are found by what people type, out of 1,928 titles of two bands: those of the
 * archives that Setroom ships (`jobs/archive/data`, with their licences).
 */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { SongIndex } from "../src/song_index.ts";
import { plainTitle } from "../src/songs.ts";

const SHOWN = 5;
const CASES = 150;
const CATALOGUE_MAX = 5_000;

const lines = readFileSync(new URL("song_titles.txt", import.meta.url), "utf8").trim().split("\n");
const titles = [...new Map(lines.map((title) => [plainTitle(title), title])).values()];
const index = SongIndex.of(titles.map((title) => ({ title })));

/** Whole numbers below `end`, the same in every run. */
let seed = 12_345;
function below(end: number): number {
  seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
  return (seed >>> 8) % end;
}

/** A text with one letter gone, more, other, or swapped with the next one. */
function slip(text: string): string {
  const at = below(text.length);
  const letter = String.fromCharCode(97 + below(26));
  const [begin, rest] = [text.slice(0, at), text.slice(at + 1)];
  switch (below(4)) {
    case 0:
      return begin + rest;
    case 1:
      return begin + letter + text.slice(at);
    case 2:
      return begin + letter + rest;
    default:
      return begin + rest.slice(0, 1) + text.charAt(at) + rest.slice(1);
  }
}

function without(title: string): string | null {
  const words = plainTitle(title).split(" ");
  return words.length < 3 ? null : words.toSpliced(below(words.length), 1).join(" ");
}

/** What somebody may type for a title, and how many of a hundred must be among the first five. */
const KINDS: Readonly<Record<string, readonly [least: number, (title: string) => string | null]>> = {
  "as it is written": [100, (title) => title],
  "its beginning": [98, (title) => (title.length > 8 ? plainTitle(title).slice(0, Math.ceil(title.length * 0.6)) : null)],
  "one slip": [97, (title) => (title.length > 4 ? slip(plainTitle(title)) : null)],
  "two slips": [94, (title) => (title.length > 8 ? slip(slip(plainTitle(title))) : null)],
  "a beginning with a slip": [94, (title) => (title.length > 10 ? slip(plainTitle(title).slice(0, Math.ceil(title.length * 0.7))) : null)],
  "a word left out": [97, without],
  "a word left out and a slip": [94, (title) => (title.length > 12 ? slipped(without(title)) : null)],
  "words turned round": [97, (title) => plainTitle(title).split(" ").reverse().join(" ")],
  "words run together": [97, (title) => (title.length > 5 ? plainTitle(title).replaceAll(" ", "") : null)],
  "no apostrophe": [97, (title) => (/['’]/.test(title) ? title.replace(/['’]/g, " ") : null)],
  "and for &": [97, (title) => (title.includes("&") ? title.replace("&", "and") : null)],
};

function slipped(text: string | null): string | null {
  return text === null || text.length < 6 ? null : slip(text);
}

const table: string[] = [];

describe("a song is among the first five by", () => {
  afterAll(() => console.log(table.join("\n")));

  it.each(Object.entries(KINDS))("%s", (kind, [least, typed]) => {
    const all = titles.flatMap((title) => {
      const text = typed(title);
      return text === null || plainTitle(text) === "" ? [] : [[text, title] as const];
    });
    const cases = all.filter((_, at) => at % Math.ceil(all.length / CASES) === 0);
    const missed = cases.filter(([text, title]) => !index.find(text, SHOWN).some(({ song }) => song.title === title));
    const share = 100 * (1 - missed.length / cases.length);
    table.push(`${kind.padEnd(28)} ${share.toFixed(0).padStart(3)} % of ${String(cases.length)}`);
    expect(share, JSON.stringify(missed.slice(0, 5))).toBeGreaterThanOrEqual(least);
  });

  it.each([
    ["us blues", "U.S. Blues"],
    ["scralet begonas", "Scarlet Begonias"],
    ["thunder rode", "Thunder Road"],
    ["dancin in the strets", "Dancing In The Street"],
    ["born to rn", "Born To Run"],
    ["sugre magnola", "Sugar Magnolia"],
  ])("%s", (text, title) => {
    expect(index.find(text, SHOWN).map(({ song }) => plainTitle(song.title))).toContain(plainTitle(title));
  });

  it("nothing like it, not at all", () => {
    expect(index.find("xqzzyk", SHOWN)).toEqual([]);
  });
});

describe("an index", () => {
  it("is built in steps, and finds the same", async () => {
    let rests = 0;
    const built = await SongIndex.build(titles.map((title) => ({ title })), () => {
      rests += 1;
      return Promise.resolve();
    });
    expect(rests).toBeGreaterThan(5);
    expect(built.find("thunder rode", SHOWN)).toEqual(index.find("thunder rode", SHOWN));
  });

  it("answers every key in a catalogue of five thousand", () => {
    const songs = Array.from({ length: CATALOGUE_MAX }, (_, at) => ({
      title: `${titles[at % titles.length] ?? ""}${at < titles.length ? "" : ` ${titles[(at * 7) % titles.length]?.split(" ")[0] ?? ""}`}`,
    }));
    const large = SongIndex.of(songs);
    const took_ms: number[] = [];
    for (const title of titles.filter((_, at) => at % 40 === 0)) {
      const text = slip(plainTitle(title) || "x");
      for (let keys = 1; keys <= text.length; keys += 3) {
        const began_ms = performance.now();
        large.find(text.slice(0, keys), SHOWN);
        took_ms.push(performance.now() - began_ms);
      }
    }
    took_ms.sort((a, b) => a - b);
    const at = (share: number): string => (took_ms[Math.floor(took_ms.length * share)] ?? 0).toFixed(2);
    // Printed, not bounded: a busy machine's clock says little.
    table.push(`a key in 5,000 songs: ${at(0.5)} ms, 98 of 100 within ${at(0.98)} ms`);
    expect(took_ms.length).toBeGreaterThan(100);
  });
});
