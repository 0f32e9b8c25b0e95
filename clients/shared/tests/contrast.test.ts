/** What each colour of the design system promises, measured from the tokens themselves. */
import { describe, expect, it } from "vitest";
import { colour, contrast, palette, type Palette } from "./colours.ts";

const TOKENS = new URL("../ui/tokens.css", import.meta.url);
const SURFACES = ["ground", "stage", "raised"];
const WORDS = ["text", "dim", "lamp-text", "good", "bad", "news"];
const MARKS = ["edge", "live", "bar", "bar-rest", "lamp-edge", "plot-1", "plot-2", "plot-3", "plot-4"];
const ON_FILLS = [["on-lamp", "lamp"], ["on-bad", "bad"], ["tape-text", "tape"]] as const;

const WORDS_MIN = 4.5;
const MARKS_MIN = 3;

function worst(colours: Palette, name: string): number {
  const own = colour(colours, name);
  return Math.min(...SURFACES.map((surface) => contrast(own, colour(colours, surface))));
}

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const colours = palette(TOKENS, theme);

  it.each(WORDS)("lets --%s be read on every surface", (name) => {
    expect(worst(colours, name)).toBeGreaterThanOrEqual(WORDS_MIN);
  });

  it.each(MARKS)("lets --%s be seen on every surface", (name) => {
    expect(worst(colours, name)).toBeGreaterThanOrEqual(MARKS_MIN);
  });

  it.each(ON_FILLS)("lets --%s be read on a fill of --%s", (words, fill) => {
    const measured = contrast(colour(colours, words), colour(colours, fill));
    expect(measured).toBeGreaterThanOrEqual(WORDS_MIN);
  });

  it("promises something of every opaque colour but the dividing line", () => {
    const named = new Set<string>([...SURFACES, ...WORDS, ...MARKS, ...ON_FILLS.flat(), "line"]);
    expect([...colours.keys()].filter((name) => !named.has(name))).toEqual([]);
  });
});

it("measures as WCAG's own examples say", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.478, 2);
});
