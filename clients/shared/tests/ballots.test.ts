import { describe, expect, it } from "vitest";
import {
  byeOf, gapOf, pairsOf, pointsLeft, reranked, sameBallot, toggled, withPoints, withThumb,
  withWinner, type Picks,
} from "../src/ballots.ts";
import { picksOne } from "../src/picks_one.ts";
import { byScore, shareOf } from "../src/shares.ts";
import type { TallyMethod, VoteConfig, VoteType } from "../src/wire.ts";

const SONGS = ["Ripple", "Deal", "Loser", "Bertha", "Althea"];

function config(type: VoteType, method: TallyMethod, pick = {}, options = 5): VoteConfig {
  return {
    v: 1, title: "Encore?", type,
    options: SONGS.slice(0, options).map((label, at) => ({ id: `o${String(at + 1)}`, label })),
    pick: { min: 1, max: 1, budget: null, ...pick },
    tally: { method, weights: { audience: 1, artist: 0, jury: 0 } },
    window: { duration_s: 90, sms_grace_s: 15, extend_max_s: 60 },
    change: "until_close", visibility: "always", tie: [], quorum: 0,
    who: { channels: ["web"], identity: "attendee", attendance: "any" },
    fraud: { rate_per_min: 60 },
  };
}

const ids = (picks: Picks): string[] => picks.map(({ option_id }) => option_id);

describe("a ballot of approvals", () => {
  const round = config("approval", "approval", { min: 2, max: 3 });

  it("names at most so many options, and lets go of one", () => {
    let picks: Picks = [];
    for (const option_id of ["o1", "o2", "o3", "o4"]) picks = toggled(round, picks, option_id);
    expect(ids(picks)).toEqual(["o1", "o2", "o3"]);
    expect(ids(toggled(round, picks, "o2"))).toEqual(["o1", "o3"]);
  });

  it("says what is missing", () => {
    expect(gapOf(round, [{ option_id: "o1" }])).toEqual({ kind: "options", missing: 1 });
    expect(gapOf(round, [{ option_id: "o1" }, { option_id: "o2" }])).toBeNull();
  });

  it("is the same in any order, and a ranking is not", () => {
    const picks = [{ option_id: "o1" }, { option_id: "o2" }];
    expect(sameBallot(round, picks, [...picks].reverse())).toBe(true);
    expect(sameBallot(config("ranked", "irv"), picks, [...picks].reverse())).toBe(false);
  });
});

describe("a ranking", () => {
  it("is moved one place at a time, and stops at its ends", () => {
    const picks = ["o1", "o2", "o3"].map((option_id) => ({ option_id }));
    expect(ids(reranked(picks, "o3", -1))).toEqual(["o1", "o3", "o2"]);
    expect(ids(reranked(picks, "o1", 1))).toEqual(["o2", "o1", "o3"]);
    expect(reranked(picks, "o1", -1)).toBe(picks);
    expect(reranked(picks, "o4", 1)).toBe(picks);
  });
});

describe("a ballot of points", () => {
  const round = config("points", "sum", { min: 1, max: 2, budget: 10 });

  it("never spends more than there is", () => {
    const picks = withPoints(round, withPoints(round, [], "o1", 7), "o2", 9);
    expect(picks).toEqual([{ option_id: "o1", value: 7 }, { option_id: "o2", value: 3 }]);
    expect(pointsLeft(round, picks)).toBe(0);
  });

  it("keeps its order when points change, and drops what has none", () => {
    const picks = withPoints(round, withPoints(round, [], "o1", 2), "o2", 2);
    expect(withPoints(round, picks, "o1", 5)[0]).toEqual({ option_id: "o1", value: 5 });
    expect(ids(withPoints(round, picks, "o1", 0))).toEqual(["o2"]);
    expect(ids(withPoints(round, picks, "o3", 1))).toEqual(["o1", "o2"]);
    expect(withPoints(round, [], "o1", Number.NaN)).toEqual([]);
  });
});

describe("a ballot of thumbs", () => {
  it("turns a thumb round, and takes it away", () => {
    const round = config("updown", "net", { max: 1 });
    const up = withThumb(round, [], "o1", 1);
    expect(withThumb(round, up, "o1", -1)).toEqual([{ option_id: "o1", value: -1 }]);
    expect(withThumb(round, up, "o1", 0)).toEqual([]);
    expect(withThumb(round, up, "o2", 1)).toBe(up);
  });
});

describe("a stage of a bracket", () => {
  const round = config("bracket", "plurality", { min: 2, max: 2 });

  it("pairs in seed order, and the odd one out goes on", () => {
    const pairs = pairsOf(round.options).map((pair) => pair.map(({ label }) => label));
    expect(pairs).toEqual([["Ripple", "Deal"], ["Loser", "Bertha"]]);
    expect(byeOf(round.options)?.label).toBe("Althea");
    expect(byeOf(round.options.slice(0, 4))).toBeNull();
  });

  it("has one winner in each pair, and none for the bye", () => {
    const picks = withWinner(round, withWinner(round, [], "o1"), "o2");
    expect(ids(picks)).toEqual(["o2"]);
    expect(gapOf(round, picks)).toEqual({ kind: "pairs", missing: 1 });
    expect(ids(withWinner(round, picks, "o3"))).toEqual(["o2", "o3"]);
    expect(withWinner(round, picks, "o5")).toBe(picks);
  });
});

describe("a tap is the whole vote", () => {
  it("where one option is chosen", () => {
    expect(picksOne(config("single", "plurality"))).toBe(true);
    expect(picksOne(config("weighted", "plurality"))).toBe(true);
    expect(picksOne(config("weighted", "approval"))).toBe(false);
    expect(picksOne(config("ranked", "irv"))).toBe(false);
  });
});

describe("the bar of an option", () => {
  const count = { options: { o1: 6, o2: 3, o3: -6 }, votes: 12, voters: 8 };

  it.each<[VoteType, TallyMethod, number]>([
    ["single", "plurality", 6 / 8],
    ["approval", "approval", 6 / 8],
    ["ranked", "irv", 6 / 8],
    ["ranked", "borda", 1],
    ["updown", "net", 1],
  ])("of %s by %s", (type, method, share) => {
    expect(shareOf(config(type, method), count, "o1")).toBe(share);
  });

  it("is empty for what is below nothing, and before anybody voted", () => {
    expect(shareOf(config("updown", "net"), count, "o3")).toBe(0);
    expect(shareOf(config("single", "plurality"), { options: {}, votes: 0, voters: 0 }, "o1")).toBe(0);
  });

  it("stands in order of the score", () => {
    const options = config("single", "plurality").options;
    expect(byScore(options, { ...count, options: { o3: 4, o2: 4 } }).map(({ id }) => id)).toEqual([
      "o2", "o3", "o1", "o4", "o5",
    ]);
  });
});
