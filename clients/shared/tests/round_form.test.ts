import { describe, expect, it } from "vitest";
import { configOf, emptyForm, formOf, isReady, type RoundForm } from "../src/round_form.ts";
import type { VoteConfig } from "../src/wire.ts";

function form(changes: Partial<RoundForm>): RoundForm {
  const options = ["Ripple", "Deal", "Loser"].map((label) => ({ label }));
  return { ...emptyForm(), title: "Encore?", options, ...changes };
}

describe("a round's form", () => {
  it("asks for a question and two options, and for none where people wish", () => {
    expect(isReady(form({ title: " " }))).toBe(false);
    expect(isReady(form({ options: [{ label: "Ripple" }, { label: " " }] }))).toBe(false);
    expect(isReady(form({ type: "queue", options: [] }))).toBe(true);
  });

  it("sends options that were filled in, with codes for SMS", () => {
    const options = [{ label: "Ripple" }, { label: "" }, { label: " Deal ", song_id: "s" }];
    expect(configOf(form({ options })).options).toEqual([
      { id: "o1", code: "1", label: "Ripple" },
      { id: "o2", code: "2", label: "Deal", song_id: "s" },
    ]);
  });

  it("names tie rules in their order, and none that could not come to be", () => {
    expect(configOf(form({ tie: "none", tie_then: "artist" })).tie).toEqual([]);
    expect(configOf(form({ tie: "runoff", tie_then: "artist" })).tie).toEqual(["runoff", "artist"]);
    expect(configOf(form({ tie: "artist", tie_then: "artist" })).tie).toEqual(["artist"]);
  });

  it("lets a ballot name as many as its kind allows", () => {
    const picks = (changes: Partial<RoundForm>): unknown => configOf(form(changes)).pick;
    expect(picks({ type: "single", min: 2 })).toEqual({ min: 1, max: 1, budget: null });
    expect(picks({ type: "ranked", method: "irv", min: 2 })).toEqual({ min: 2, max: 3, budget: null });
    expect(picks({ type: "points", budget: 7, max: 2 })).toEqual({ min: 1, max: 2, budget: 7 });
    expect(picks({ type: "weighted", method: "approval" })).toEqual({ min: 1, max: 3, budget: null });
  });

  it("weighs voters only where the kind of round does", () => {
    const weights = { audience: 1, artist: 3, jury: 5 };
    expect(configOf(form({ weights })).tally?.weights).toEqual({ audience: 1, artist: 0, jury: 0 });
    expect(configOf(form({ type: "weighted", weights })).tally?.weights).toEqual(weights);
  });

  it("comes back from a configuration as it went", () => {
    const asked = form({
      type: "ranked", method: "borda", duration_s: null, visibility: "manual", min: 2, quorum: 12,
      tie: "runoff", tie_then: "seeded_random", final: true, identity: "account",
      attendance: "checked_in", takes_sms: false, sms_grace_s: 0, extend_max_s: 120,
    });
    const config = { v: 1, fraud: { rate_per_min: 30 }, ...configOf(asked) } as VoteConfig;
    expect(formOf(config)).toEqual(asked);
  });
});
