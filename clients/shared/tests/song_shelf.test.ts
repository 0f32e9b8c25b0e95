import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";
import { keepSongs, keptSongs } from "../src/song_shelf.ts";

const SONGS = [{ song_id: "s1", title: "Ripple" }];

describe("songs kept on a device", () => {
  it("are there again, by show", async () => {
    await keepSongs("night", SONGS, 1);
    expect(await keptSongs("night")).toEqual(SONGS);
    expect(await keptSongs("another")).toEqual([]);
  });

  it("are those of the last shows only", async () => {
    for (let number = 0; number < 14; number += 1) {
      await keepSongs(`show-${String(number)}`, SONGS, 100 + number);
    }
    expect(await keptSongs("show-0")).toEqual([]);
    expect(await keptSongs("show-13")).toEqual(SONGS);
  });
});
