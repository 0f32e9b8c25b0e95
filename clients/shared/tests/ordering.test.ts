import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isPosition, PositionExhausted, positionBetween, type Random } from "../src/ordering.ts";

interface Vector {
  before: string | null;
  after: string | null;
  random: number[];
  position: string;
}

const vectors = JSON.parse(
  readFileSync(new URL("./ordering_vectors.json", import.meta.url), "utf8"),
) as Vector[];

function replay(values: readonly number[]): Random {
  let next = 0;
  return () => values[next++] ?? 0;
}

/** A small seeded generator (mulberry32), so that a failure can be replayed. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe("positions", () => {
  it.each(vectors)("are the server's: between $before and $after", (vector) => {
    const { before, after, random, position } = vector;
    expect(positionBetween(before, after, replay(random))).toBe(position);
  });

  it("always leave room for one more, wherever it is inserted", () => {
    const random = seeded(20);
    const positions: string[] = [];
    for (let count = 0; count < 300; count += 1) {
      const at = Math.floor(random() * (positions.length + 1));
      const position = positionBetween(positions[at - 1] ?? null, positions[at] ?? null, random);
      expect(isPosition(position)).toBe(true);
      positions.splice(at, 0, position);
    }
    expect(positions).toEqual([...positions].sort());
    expect(new Set(positions).size).toBe(300);
  });

  it("stay short when three hundred songs are appended", () => {
    const random = seeded(7);
    let last: string | null = null;
    for (let count = 0; count < 300; count += 1) last = positionBetween(last, null, random);
    expect(last?.length).toBeLessThanOrEqual(8);
  });

  it("say that no short position is left instead of writing one that would be refused", () => {
    const random = seeded(3);
    const low = positionBetween(null, null, random);
    let high = positionBetween(low, null, random);
    expect(() => {
      for (;;) high = positionBetween(low, high, random);
    }).toThrow(PositionExhausted);
  });

  it("differ when two people append at once", () => {
    const random = seeded(11);
    expect(positionBetween("V01abc", null, random)).not.toBe(positionBetween("V01abc", null, random));
  });

  it("cannot be made between neighbours in the wrong order, or of something else", () => {
    expect(() => positionBetween("b", "a")).toThrow(RangeError);
    expect(() => positionBetween("a", "a")).toThrow(RangeError);
    expect(() => positionBetween("a0", null)).toThrow(RangeError);
    expect(() => positionBetween("ä", null)).toThrow(RangeError);
  });
});
