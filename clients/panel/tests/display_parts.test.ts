import { expect, it } from "vitest";
import { readAddress } from "../src/displays/address.ts";
import { inSections, standing, stopwatch } from "../src/displays/song_order.ts";
import { driftAt } from "../src/screen/drift.ts";
import { NOON } from "./display_rooms.ts";

const entry = (entry_id: string, section = "set1", started_at?: string) => ({
  entry_id, title: entry_id, section, position: entry_id, segue: false, ...(started_at ? { started_at } : {}),
});
const playing = (entry_id: string) => ({ entry_id, title: entry_id, at: NOON });

it("an address is an id and a token, or none", () => {
  expect(readAddress("/screen/0198", "#display-a_b-c")).toEqual({ display_id: "0198", token: "display-a_b-c" });
  expect(readAddress("/screen/0198", "")).toBeNull();
  expect(readAddress("/", "#token")).toBeNull();
});

it("what comes next follows what is played", () => {
  const list = [entry("check", "soundcheck"), entry("a"), entry("b")];
  expect(standing(list, playing("a"))).toMatchObject({ at: 1, next: { entry_id: "b" } });
  expect(standing(list, playing("b"))).toEqual({ at: 2, next: null });
  expect(standing(list, null)).toMatchObject({ at: -1, next: { entry_id: "a" } });
});

it("between two songs the next one is after the last that began", () => {
  expect(standing([entry("a", "set1", NOON), entry("b")], null).next?.entry_id).toBe("b");
  expect(standing([entry("a")], playing("gone")).next?.entry_id).toBe("a");
  expect(standing([], null).next).toBeNull();
});

it("a list falls into its sections, and every song keeps its place in all of it", () => {
  const found = inSections([entry("a"), entry("b"), entry("c", "encore1")]);
  expect(found.map(([section, songs]) => [section, songs.map(({ at }) => at)])).toEqual([["set1", [0, 1]], ["encore1", [2]]]);
});

it("a stopwatch has hours only when there are some", () => {
  expect([0, 187_000, 3_600_000 + 61_000].map(stopwatch)).toEqual(["0:00", "3:07", "1:01:01"]);
});

it("the picture moves every minute, by less than anybody sees", () => {
  const places = Array.from({ length: 13 }, (_, minute) => driftAt(minute * 60_000));
  expect(new Set(places.slice(0, 12).map(({ x, y }) => `${x.toFixed(4)} ${y.toFixed(4)}`)).size).toBe(12);
  expect(driftAt(30_000)).toEqual(driftAt(0));
  expect(Math.max(...places.map(({ x, y }) => Math.hypot(x, y)))).toBeLessThan(1);
});
