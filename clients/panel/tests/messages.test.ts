import { addTexts, setLanguage } from "@setroom/shared/ui/i18n.ts";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { isUnderWay, progressOf } from "../src/panel/messages/progress.ts";
import { reasonText } from "../src/panel/messages/reasons.ts";
import { messages as english } from "../src/panel/messages/texts/en.ts";
import { wordsOf } from "../src/panel/messages/words.ts";
import { money } from "../src/panel/messages/money.ts";

const NOON_MS = Date.parse("2027-05-08T12:00:00Z");

beforeAll(() => addTexts(english));
afterEach(() => void vi.unstubAllGlobals());

describe("how far a broadcast is", () => {
  it("is told by four kinds of states, and nothing is lost", () => {
    const counts = {
      scheduled: 1, queued: 2, sending: 4, sent: 8, unknown: 16, delivered: 32, failed: 64, suppressed: 128, cancelled: 256,
    };
    const { total, ...parts } = progressOf(counts);
    expect(parts).toEqual({ waiting: 3, under_way: 28, delivered: 32, failed: 64, left_out: 384 });
    expect(Object.values(parts).reduce((sum, part) => sum + part)).toBe(total);
  });

  it.each([
    ["sending", {}, true],
    ["done", { sent: 1, delivered: 9 }, true],
    ["done", { delivered: 9, failed: 1 }, false],
    ["paused", { queued: 5 }, false],
    ["scheduled", {}, true],
    ["cancelled", { cancelled: 5 }, false],
  ] as const)("is worth looking at again: %s %o", (state, counts, worth) => {
    expect(isUnderWay({ state, counts, send_at: "2027-05-08T12:00:00Z" }, NOON_MS)).toBe(worth);
  });

  it("is not while its time is far away", () => {
    const later = { state: "scheduled", counts: { scheduled: 5 }, send_at: "2027-05-08T13:00:00Z" } as const;
    expect(isUnderWay(later, NOON_MS)).toBe(false);
    expect(isUnderWay(later, NOON_MS + 3_590_000)).toBe(true);
  });

  it("waits as a whole until there are messages", () => {
    expect(progressOf({}, 12)).toMatchObject({ total: 12, waiting: 12 });
  });
});

describe("what a broadcast says", () => {
  it("is said in the reader's language, else in any", () => {
    vi.stubGlobal("navigator", { languages: ["es-ES"] });
    setLanguage("es");
    expect(wordsOf({ texts: { en: "Hi", es: "Hola" } })).toEqual({ language: "es", text: "Hola" });
    expect(wordsOf({ texts: { fr: "Salut" } })).toEqual({ language: "fr", text: "Salut" });
    expect(wordsOf({ texts: {} })).toBeNull();
    setLanguage("en");
  });
});

describe("why it did not arrive", () => {
  it("is said in words, and a code that nobody knows as it is", () => {
    expect(reasonText("opted_out")).toBe("Said STOP");
    expect(reasonText("queue_overflow")).toBe("Reason: queue overflow");
  });
});

describe("money", () => {
  it("has as many digits as it takes to be more than nothing", () => {
    vi.stubGlobal("navigator", { languages: ["en-US"] });
    setLanguage("en");
    expect(money(0, "USD")).toBe("$0.00");
    expect(money(8_300, "USD")).toBe("$0.008");
    expect(money(2_589_600, "USD")).toBe("$2.59");
  });
});
