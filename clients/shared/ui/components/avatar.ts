/** How somebody without a picture looks: initials, and a hue from their id. */

const HUES = 12;

/** Degrees on the colour wheel; the same for the same id. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return (hash % HUES) * (360 / HUES);
}

/** The first letters of the first and the last word; `?` for no name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  const letters = ends.map((word) => [...(word ?? "")][0] ?? "").join("");
  return letters.toLocaleUpperCase() || "?";
}
