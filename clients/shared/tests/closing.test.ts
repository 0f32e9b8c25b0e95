import { describe, expect, it } from "vitest";
import { Backoff } from "../src/backoff.ts";
import { closePolicy } from "../src/closing.ts";
import { uuidv7 } from "../src/ids.ts";
import { BACKOFF_MAX_MS } from "../src/limits.ts";

describe("close codes", () => {
  it.each([
    [1000, "again"], [1001, "again"], [1006, "again"], [1012, "again"], [1013, "again"],
    [4000, "again"], [4008, "resume"], [4029, "stay"], [4401, "renew"], [4403, "fresh"],
    [4404, "stay"], [4410, "stay"], [4413, "fresh"], [4499, "stay"], [4500, "again"],
  ])("%i means %s", (code, action) => {
    expect(closePolicy(code, "").action).toBe(action);
  });

  it("give the spread of a restart", () => {
    expect(closePolicy(1012, "restart in 7.5 s").wait_s).toBe(7.5);
    expect(closePolicy(1012, "now").wait_s).toBe(0);
    expect(closePolicy(1012, "99999").wait_s).toBe(60);
    expect(closePolicy(1001, "7").wait_s).toBe(0);
  });
});

describe("pauses between attempts", () => {
  it("double up to a limit, and begin again after a success", () => {
    const backoff = new Backoff(() => 1);
    const pauses = Array.from({ length: 8 }, () => backoff.next());
    expect(pauses.slice(0, 3)).toEqual([400, 800, 1600]);
    expect(pauses.at(-1)).toBe(BACKOFF_MAX_MS);
    backoff.reset();
    expect(backoff.next()).toBe(400);
  });

  it("are spread, so that a venue does not come back as one", () => {
    const early = new Backoff(() => 0).next();
    const late = new Backoff(() => 1).next();
    expect(early).toBeLessThan(late / 2);
  });
});

describe("ids", () => {
  it("are UUIDv7 and sort by time", () => {
    const id = uuidv7(0x0198_1234_5678);
    expect(id).toMatch(/^01981234-5678-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidv7(1) < uuidv7(2)).toBe(true);
    expect(uuidv7(1)).not.toBe(uuidv7(1));
  });
});
