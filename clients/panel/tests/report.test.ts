import { describe, expect, it } from "vitest";
import { peakOf, samplesOf, shareOf, totalOf } from "../src/panel/report/sums.ts";

const NOON = "2027-05-08T12:00:00Z";

describe("what follows from figures", () => {
  it("is added up, and the most of them is found", () => {
    expect(totalOf([1, 2, 3])).toBe(6);
    expect(totalOf([])).toBe(0);
    expect(peakOf([4, 9, 2])).toBe(9);
    expect(shareOf(1, 4)).toBe(0.25);
    expect(shareOf(0, 0)).toBe(0);
  });

  it("is withheld where it would tell one that is", () => {
    expect(totalOf([1, null, 3])).toBeNull();
    expect(shareOf(null, 4)).toBeNull();
    expect(shareOf(2, null)).toBeNull();
    expect(peakOf([null, null])).toBeNull();
    // Among known ones the highest is the highest: a group too small to be told is smaller.
    expect(peakOf([null, 12, null])).toBe(12);
  });

  it("is drawn at even distances from the begin, and a single one as a line", () => {
    const begin_ms = Date.parse(NOON);
    expect(samplesOf([5, null], NOON, 60)).toEqual([
      { at_ms: begin_ms, value: 5 },
      { at_ms: begin_ms + 60_000, value: null },
    ]);
    expect(samplesOf([5], NOON, 60)).toHaveLength(2);
    expect(samplesOf([5], null, 60)).toEqual([]);
  });
});
