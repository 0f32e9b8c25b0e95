/** Which way is tried next, after what happened. */
import { beforeEach, describe, expect, it } from "vitest";
import {
  SHORT_LIFE_MS,
  STEADY_LIFE_MS,
  WAY_KEPT_MS,
  WAY_PROBE_FIRST_MS,
  WAY_PROBE_MAX_MS,
} from "../src/limits.ts";
import { memoryStorage, type KeyValueStorage } from "../src/storage.ts";
import { Ways, type End } from "../src/ways.ts";

let storage: KeyValueStorage;
let now_ms: number;

beforeEach(() => {
  storage = memoryStorage();
  now_ms = 1_000_000;
});

const ways = (random = 0.5): Ways => new Ways(storage, () => now_ms, () => random);

function after(found: Ways, ...ends: readonly End[]): string {
  for (const end of ends) found.ended(end, 0);
  return found.way;
}

describe("a way is given up", () => {
  it("after two sockets that never were welcome, and not after one", () => {
    const found = ways();
    expect(after(found, "unreached")).toBe("socket");
    expect(after(found, "unreached")).toBe("stream");
  });

  it("after three sockets that broke at once", () => {
    const found = ways();
    expect(after(found, "broke", "broke")).toBe("socket");
    expect(after(found, "broke")).toBe("stream");
  });

  it("at once where a stream never speaks, after the second where it speaks late", () => {
    expect(after(ways(), "unreached", "unreached", "unreached")).toBe("poll");
    storage = memoryStorage();
    const found = ways();
    expect(after(found, "unreached", "unreached", "held")).toBe("stream");
    expect(after(found, "held")).toBe("poll");
  });

  it("never because the server or the page ended it", () => {
    expect(after(ways(), ...Array<End>(20).fill("ended"))).toBe("socket");
  });

  it("never because it broke after a while: that was the network", () => {
    const found = ways();
    for (let times = 0; times < 20; times += 1) found.ended("broke", SHORT_LIFE_MS);
    expect(found.way).toBe("socket");
  });

  it("only by strikes that came together: a long life forgives", () => {
    const found = ways();
    found.ended("unreached", 0);
    found.ended("ended", STEADY_LIFE_MS);
    expect(after(found, "unreached")).toBe("socket");
  });

  it("and never the last one", () => {
    const found = ways();
    after(found, "unreached", "unreached", "unreached");
    expect(after(found, ...Array<End>(20).fill("unreached"))).toBe("poll");
  });
});

describe("a network that blocks", () => {
  it("is remembered by the next page, for an evening", () => {
    after(ways(), "unreached", "unreached");
    expect(ways().way).toBe("stream");
    now_ms += WAY_KEPT_MS;
    expect(ways().way).toBe("socket");
  });

  it("is forgotten when a socket works", () => {
    const found = ways();
    after(found, "unreached", "unreached");
    found.socketWorks();
    expect(found.way).toBe("socket");
    expect(ways().way).toBe("socket");
  });

  it("is not believed when what was kept makes no sense", () => {
    for (const nonsense of ['{"way":"pigeon","at_ms":1}', '{"way":"poll"}', "[]", "{", '"poll"']) {
      storage.setItem("setroom:way", nonsense);
      expect(ways().way).toBe("socket");
    }
    storage.setItem("setroom:way", JSON.stringify({ way: "poll", at_ms: now_ms + 60_000 }));
    expect(ways().way).toBe("socket");
  });
});

describe("a socket is looked for", () => {
  it("ever more rarely, with a spread, and soon again on another network", () => {
    const found = ways(0);
    expect(found.nextProbe()).toBe(0.75 * WAY_PROBE_FIRST_MS);
    expect(ways(1).nextProbe()).toBe(1.25 * WAY_PROBE_FIRST_MS);
    expect(found.nextProbe()).toBe(0.75 * WAY_PROBE_FIRST_MS);
    found.socketFailed();
    expect(found.nextProbe()).toBe(1.5 * WAY_PROBE_FIRST_MS);
    for (let times = 0; times < 20; times += 1) found.socketFailed();
    expect(found.nextProbe()).toBe(0.75 * WAY_PROBE_MAX_MS);
    found.networkChanged();
    expect(found.nextProbe()).toBe(0.75 * WAY_PROBE_FIRST_MS);
  });
});
