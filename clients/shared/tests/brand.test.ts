/** The mark is drawn in one place; what is made of it must not drift from it. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const PUBLIC = "../../fan/public/";
const LINES = /<?path d=["']([^"']+)["']/;
const SIZES = [
  ["icon-192.png", 192],
  ["icon-512.png", 512],
  ["maskable-192.png", 192],
  ["maskable-512.png", 512],
  ["monochrome-512.png", 512],
  ["apple-touch-icon.png", 180],
] as const;

/** Numbers without the zeros that say nothing. */
function linesOf(file: string): string {
  const path = LINES.exec(read(file))?.[1];
  if (path === undefined) throw new Error(`${file} has no lines`);
  return path.replace(/(\d)\.0(?!\d)/g, "$1");
}

it.each(["../ui/components/Mark.svelte", "../ui/brand.css", "../ui/brand/small.svg", `${PUBLIC}icon.svg`])(
  "%s draws the mark",
  (file) => {
    expect(linesOf(file)).toBe(linesOf("../ui/brand/mark.svg"));
  },
);

it.each(SIZES)("%s is a square of %i pixels", (name, size) => {
  const png = readFileSync(new URL(PUBLIC + name, import.meta.url));
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
});
