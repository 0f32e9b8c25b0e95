import { describe, expect, it } from "vitest";
import { songsLike } from "../src/song_index.ts";
import { plainTitle } from "../src/songs.ts";

const SONGS = [
  "Fire on the Mountain", "Scarlet Begonias", "St. Stephen", "Playing in the Band", "They Love Each Other",
  "Not Fade Away", "Friend of the Devil", "Don't Ease Me In", "Qué Será",
].map((title) => ({ title }));

const found = (text: string): string[] => songsLike(SONGS, text, 3).map(({ title }) => title);

describe("a song is found", () => {
  it.each([
    ["fire", "Fire on the Mountain"],
    ["mountain", "Fire on the Mountain"],
    ["st stephen", "St. Stephen"],
    ["begonas", "Scarlet Begonias"],
    ["scralet", "Scarlet Begonias"],
    ["dont ease", "Don't Ease Me In"],
    ["que sera", "Qué Será"],
    ["devil friend", "Friend of the Devil"],
  ])("by %s", (text, title) => {
    expect(found(text)[0]).toBe(title);
  });

  it("with what begins so before what contains it", () => {
    expect(found("f")).toEqual(["Fire on the Mountain", "Friend of the Devil", "Not Fade Away"]);
  });

  it("or not at all", () => {
    expect(found("xyzzy")).toEqual([]);
    expect(found("")).toHaveLength(3);
  });

  it("under the same plain title however it is written", () => {
    expect(plainTitle("“Me & My Uncle”")).toBe(plainTitle("me and my uncle"));
  });
});
