/** Red light is a theme like the others: what it colours must be read and seen, on black. */
import { expect, it } from "vitest";
import { colour, contrast, luminance, palette } from "../../shared/tests/colours.ts";

const red = palette(new URL("../src/stage/stage.css", import.meta.url), "dark", '[data-light="red"]');
const usual = palette(new URL("../../shared/ui/tokens.css", import.meta.url), "dark");
const SURFACES = ["ground", "stage", "raised"];

const worst = (name: string): number =>
  Math.min(...SURFACES.map((surface) => contrast(colour(red, name), colour(red, surface))));

it.each(["text", "dim", "lamp-text", "good", "bad", "news"])("lets --%s be read", (name) => {
  expect(worst(name)).toBeGreaterThanOrEqual(4.5);
});

it.each(["edge", "live", "bar", "bar-rest", "lamp-edge"])("lets --%s be seen", (name) => {
  expect(worst(name)).toBeGreaterThanOrEqual(3);
});

it.each([["on-lamp", "lamp"], ["on-bad", "bad"], ["tape-text", "tape"]])("lets --%s be read on --%s", (words, fill) => {
  expect(contrast(colour(red, words), colour(red, fill))).toBeGreaterThanOrEqual(4.5);
});

it("colours every role of the usual theme, and none with more blue or green than red", () => {
  expect([...usual.keys()].filter((name) => !red.has(name))).toEqual([]);
  for (const hex of red.values()) {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    expect(Math.max(g, b)).toBeLessThanOrEqual(r);
  }
  expect(luminance(colour(red, "text"))).toBeLessThan(luminance(colour(usual, "text")));
});
