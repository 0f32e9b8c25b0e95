/** Times of a show by the venue's clocks, told to somebody whose own say something else. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clockTime, dayAndTime, setLanguage } from "../ui/i18n.ts";

/** Eight in the evening in Ithaca, two at night in Berlin. */
const STARTS_AT = "2027-05-09T00:00:00Z";
const zoneOfTests = process.env.TZ;

beforeEach(() => {
  process.env.TZ = "Europe/Berlin";
  vi.stubGlobal("navigator", { languages: ["en-GB", "es-ES"] });
  setLanguage("en-GB");
});

afterEach(() => {
  vi.unstubAllGlobals();
  if (zoneOfTests === undefined) delete process.env.TZ;
  else process.env.TZ = zoneOfTests;
});

describe("a moment of a show", () => {
  it("is told by the venue's clocks, with the day there, and names the zone", () => {
    expect(dayAndTime(STARTS_AT, "America/New_York")).toMatch(/^Saturday,? 8 May 2027.* 20:00 Eastern Time$/);
    setLanguage("es");
    expect(dayAndTime(STARTS_AT, "America/New_York")).toMatch(/^sábado, 8 de mayo de 2027.* 20:00 hora oriental$/);
  });

  it("names no zone whose clocks say the same", () => {
    expect(dayAndTime(STARTS_AT, "Europe/Vienna")).toMatch(/^Sunday,? 9 May 2027.* 02:00$/);
  });

  it("is this device's where the venue's zone is not known, here or there", () => {
    for (const zone of [null, undefined, "Mars/Olympus_Mons"]) {
      expect(dayAndTime(STARTS_AT, zone)).toMatch(/^Sunday,? 9 May 2027.* 02:00$/);
      expect(clockTime(STARTS_AT, zone, true)).toBe("02:00");
    }
  });

  it("has a clock that names its zone where asked to", () => {
    expect(clockTime(STARTS_AT, "America/New_York")).toBe("20:00");
    expect(clockTime(STARTS_AT, "America/New_York", true)).toBe("20:00 Eastern Time");
    expect(clockTime(STARTS_AT, "Europe/Vienna", true)).toBe("02:00");
  });
});
