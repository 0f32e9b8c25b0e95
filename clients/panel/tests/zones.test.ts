import { describe, expect, test } from "vitest";
import { momentOf, offsetOf, wallClock } from "../src/panel/lib/zones.ts";

describe("a moment", () => {
  test("carries the place's offset, in summer and in winter", () => {
    expect(momentOf("2027-07-01", "20:00", "Europe/Madrid")).toBe("2027-07-01T20:00:00+02:00");
    expect(momentOf("2027-01-01", "20:00", "Europe/Madrid")).toBe("2027-01-01T20:00:00+01:00");
    expect(momentOf("2027-05-08", "19:30", "America/St_Johns")).toBe("2027-05-08T19:30:00-02:30");
  });

  test("that the clocks go over does not exist", () => {
    expect(momentOf("2027-03-28", "02:30", "Europe/Madrid")).toBeNull();
  });

  test("that comes twice is the first", () => {
    expect(momentOf("2027-10-31", "02:30", "Europe/Madrid")).toBe("2027-10-31T02:30:00+02:00");
  });

  test("reads back as it was written", () => {
    const at = momentOf("2027-12-31", "23:45", "Pacific/Auckland");
    expect(at).not.toBeNull();
    expect(wallClock(at ?? "", "Pacific/Auckland")).toEqual({ date: "2027-12-31", time: "23:45" });
  });

  test("is none without a day", () => {
    expect(momentOf("", "20:00", "UTC")).toBeNull();
  });
});

test("an offset holds for its moment", () => {
  expect(offsetOf("America/New_York", Date.UTC(2027, 0, 1))).toBe(-300);
  expect(offsetOf("America/New_York", Date.UTC(2027, 6, 1))).toBe(-240);
  expect(offsetOf("Asia/Kathmandu", Date.UTC(2027, 0, 1) + 999)).toBe(345);
});
