import { describe, expect, it } from "vitest";
import { revealEnds, revealTimes } from "../src/displays/reveal.ts";
import { BARS_SHOWN, countedBars, hasSecretCount, leftMs, leftShare, openBars, unitOf } from "../src/displays/rounds.ts";
import { after, config, NOON_MS, result, room, round } from "./display_rooms.ts";

describe("an open round's bars", () => {
  it("have no figures where the tally is not to be seen", () => {
    const { bars } = openBars(round(), room());
    expect(bars.map(({ votes, share }) => [votes, share])).toEqual([[undefined, 0], [undefined, 0], [undefined, 0]]);
  });

  it("keep the round's order, and count what nobody chose as none", () => {
    const tally = { round_id: "r1", options: { o2: 3, o1: 1 }, votes: 4, voters: 4 };
    const { bars } = openBars(round({ tally }), room());
    expect(bars.map(({ label, votes, share }) => [label, votes, share])).toEqual([
      ["One", 1, 0.25], ["Two", 3, 0.75], ["Three", 0, 0],
    ]);
  });

  it("show codes only where somebody can text them", () => {
    const bySms = round({ config: config({ who: { channels: ["web", "sms"], identity: "attendee", attendance: "any" } }) });
    expect(openBars(bySms, room()).bars[0]?.code).toBe("1");
    expect(openBars(round(), room()).bars[0]?.code).toBeNull();
  });

  it("leave out what could not be read, and say how many", () => {
    const options = Array.from({ length: 11 }, (_, at) => ({ id: `o${String(at)}`, label: `Song ${String(at)}` }));
    const { bars, more } = openBars(round({ config: config({ options }) }), room());
    expect([bars.length, more]).toEqual([BARS_SHOWN, 3]);
  });

  it("of a queue are its undecided wishes", () => {
    const wish = (id: string, status: string, upvotes: number) => ({
      song_request_id: id, participant_id: "", display_name: "", title: id, status, requested_at: after(0), upvotes,
    });
    const requests = [wish("a", "waiting", 4), wish("b", "played", 9), wish("c", "accepted", 2)];
    const state = room({ song_requests: { r1: { round_id: "r1", requests, waiting: 2 } } });
    const { bars } = openBars(round({ config: config({ type: "queue" }) }), state);
    expect(bars.map(({ label, share }) => [label, share])).toEqual([["a", 1], ["c", 0.5]]);
  });
});

it("the number of voters is asked for only where the tally is a secret that ends", () => {
  const of = (visibility: "always" | "manual" | "never") => round({ config: config({ visibility }) });
  const tally = { round_id: "r1", options: {}, votes: 0, voters: 0 };
  expect(hasSecretCount(of("manual"))).toBe(true);
  expect(hasSecretCount({ ...of("always"), tally })).toBe(false);
  expect(hasSecretCount(of("never"))).toBe(false);
  expect(hasSecretCount({ ...of("manual"), status: "closed" })).toBe(false);
});

it("time runs out at the end, and not for a round that is closed by hand", () => {
  expect(leftMs(round(), NOON_MS + 15_000)).toBe(45_000);
  expect(leftShare(round(), NOON_MS + 15_000)).toBe(0.75);
  expect(leftMs(round(), NOON_MS + 99_000)).toBe(0);
  expect(leftMs(round({ closes_at: null }), NOON_MS)).toBeNull();
});

it("scores are points where a ballot is more than a vote", () => {
  const by = (method: "plurality" | "borda" | "net") =>
    unitOf(round({ config: config({ tally: { method, weights: { audience: 1, artist: 0, jury: 0 } } }) }));
  expect([by("plurality"), by("borda"), by("net")]).toEqual(["votes", "points", "points"]);
});

describe("a result", () => {
  it("puts winners first, also by a lot among equals", () => {
    const drawn = result({ options: { o1: 4, o2: 4, o3: 1 }, winners: ["o2"], tie_rule: "seeded_random" });
    expect(countedBars(round(), drawn).map(({ label, won }) => [label, won])).toEqual([
      ["Two", true], ["One", false], ["Three", false],
    ]);
  });

  it("names options that came while the round was open", () => {
    const grown = result({ options: { w9: 7 }, winners: ["w9"], labels: { w9: "A wish" } });
    expect(countedBars(round(), grown)[0]?.label).toBe("A wish");
  });

  it("is told from the last place to the first, and all winners at once", () => {
    const bars = countedBars(round(), result({ options: { o1: 5, o2: 5, o3: 1 }, winners: ["o1", "o2"] }));
    const times = revealTimes(bars);
    const at = (id: string): number => times.get(id) ?? NaN;
    expect(at("o3")).toBeLessThan(at("o1"));
    expect(at("o1")).toBe(at("o2"));
    expect(revealEnds(times)).toBe(at("o1"));
  });

  it("of many takes no longer than people wait", () => {
    const options = Array.from({ length: 40 }, (_, at) => ({ id: `o${String(at)}`, label: `Song ${String(at)}` }));
    const scores = Object.fromEntries(options.map(({ id }, at) => [id, at]));
    const counted = countedBars(round({ config: config({ options }) }), result({ options: scores, winners: ["o39"] }));
    expect(revealEnds(revealTimes(counted))).toBeLessThan(12_000);
  });
});
