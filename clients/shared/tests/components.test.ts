/** What the components compute before they draw. */
import { expect, it } from "vitest";
import { hueOf, initialsOf } from "../ui/components/avatar.ts";
import { placeOf } from "../ui/components/menu_place.ts";
import { lineOf, nearest, scaleOf, timeTicks, valueTicks } from "../ui/components/plot_scale.ts";
import { stepOf } from "../ui/components/roving.ts";

const MINUTE_MS = 60_000;
const FRAME = { width: 110, height: 110, left: 10, right: 0, top: 10, bottom: 0 };
const series = (values: readonly (number | null)[]) => [
  { id: "a", label: "A", samples: values.map((value, at) => ({ at_ms: at * MINUTE_MS, value })) },
];

it("a plot begins at zero and ends at a round number", () => {
  const scale = scaleOf(series([3, 87]), FRAME, 4);
  expect(scale?.top).toBe(100);
  expect(scale?.y(0)).toBe(110);
  expect(scale?.x(MINUTE_MS)).toBe(110);
  expect(scaleOf(series([]), FRAME, 4)).toBeNull();
  expect(scaleOf(series([0, 0]), FRAME, 4)?.top).toBeGreaterThan(0);
});

it("a line is broken where nobody knows", () => {
  const scale = scaleOf(series([0, 1, null, 1]), FRAME, 4);
  const path = scale === null ? "" : lineOf(series([0, 1, null, 1])[0]?.samples ?? [], scale);
  expect(path.match(/M/g)).toHaveLength(2);
  expect(path.match(/L/g)).toHaveLength(1);
});

it("ticks are few and round, also over a night and in another zone", () => {
  expect(valueTicks(100, 4)).toEqual([0, 50, 100]);
  const hours = timeTicks(0, 5 * 60 * MINUTE_MS, 6);
  expect(hours.every((at) => at % (60 * MINUTE_MS) === 0)).toBe(true);
  const half = 30 * MINUTE_MS;
  expect(timeTicks(0, 120 * MINUTE_MS, 2, half)[0]).toBe(half);
});

it("the pointer reads the nearest sample", () => {
  const [one] = series([5, 7]);
  expect(nearest(one?.samples ?? [], 0.6 * MINUTE_MS)?.value).toBe(7);
  expect(nearest([], 0)).toBeNull();
});

it("a menu opens below, above at the bottom, and never outside", () => {
  const window = { width: 320, height: 500 };
  const menu = { width: 200, height: 150 };
  const button = { left: 270, right: 314, top: 100, bottom: 144 };
  expect(placeOf(button, menu, window, true)).toEqual({ left: 112, top: 148 });
  expect(placeOf({ ...button, top: 430, bottom: 474 }, menu, window, true).top).toBe(276);
  expect(placeOf({ ...button, left: 10, right: 54 }, menu, window, true).left).toBe(8);
});

it("arrows go around, and leave other keys alone", () => {
  const press = (key: string, at: number, lie: "row" | "column" = "row") =>
    stepOf({ key, currentTarget: null }, at, 3, lie);
  expect([press("ArrowRight", 2), press("ArrowLeft", 0), press("Home", 2), press("End", 0)]).toEqual([0, 2, 0, 2]);
  expect([press("ArrowDown", 0), press("ArrowDown", 0, "column"), press("a", 0)]).toEqual([null, 1, null]);
  expect(stepOf({ key: "Home", currentTarget: null }, 0, 0, "row")).toBeNull();
});

it("somebody without a picture has initials and always the same hue", () => {
  expect(["Ada Byron", "  chloé ", "Ana María de la Cruz", "", "🎸 Bo"].map(initialsOf)).toEqual(["AB", "C", "AC", "?", "🎸B"]);
  expect(hueOf("0198")).toBe(hueOf("0198"));
  expect(new Set(["a", "b", "c", "d"].map(hueOf)).size).toBe(4);
});
