/** Colours as the tokens write them, and how far two of them stand apart (WCAG 2.2). */
import { readFileSync } from "node:fs";

export type Theme = "light" | "dark";
export type Palette = ReadonlyMap<string, string>;

const DECLARED = /--([\w-]+):\s*([^;]+);/g;
const BY_THEME = /^light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)$/;
const PLAIN = /^#[0-9a-f]{6}$/;
const BORROWED = /^var\(--([\w-]+)\)$/;

/** The opaque colours of a stylesheet's rule, by role. @throws Error without it, or on a dangling `var()`. */
export function palette(file: URL, theme: Theme, selector = ":root"): Palette {
  const css = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const at = css.indexOf(selector);
  if (at < 0) throw new Error(`no rule ${selector}`);
  const begin = css.indexOf("{", at) + 1;
  const rule = css.slice(begin, css.indexOf("}", begin));
  const found = new Map<string, string>();
  for (const [, name = "", value = ""] of rule.matchAll(DECLARED)) {
    const both = BY_THEME.exec(value);
    const borrowed = BORROWED.exec(value)?.[1];
    if (both) found.set(name, both[theme === "light" ? 1 : 2] ?? "");
    else if (PLAIN.test(value)) found.set(name, value);
    else if (borrowed !== undefined) found.set(name, colour(found, borrowed));
  }
  return found;
}

/** One role. @throws Error if the palette has none of this name. */
export function colour(colours: Palette, name: string): string {
  const value = colours.get(name);
  if (value === undefined) throw new Error(`no colour --${name}`);
  return value;
}

/** Relative luminance, 0 to 1. */
export function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** From 1 to 21. */
export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
