/** Finding a song by what somebody types in the dark: accents, marks and small slips forgiven. */

/** A title as it is compared: lower case, without accents and marks. */
export function plainTitle(title: string): string {
  return title
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/&/g, " and ")
    .replace(/['’]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Songs that a text may mean, the best first; those that fit equally well keep their order. */
export function songsLike<Song extends { title: string }>(
  songs: readonly Song[],
  text: string,
  limit: number,
): readonly Song[] {
  const wanted = plainTitle(text);
  if (wanted === "") return songs.slice(0, limit);
  return songs
    .map((song) => ({ song, score: likeness(plainTitle(song.title), wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ song }) => song);
}

function likeness(title: string, wanted: string): number {
  if (title === wanted) return 5;
  if (title.startsWith(wanted)) return 4;
  if (` ${title}`.includes(` ${wanted}`)) return 3;
  if (title.includes(wanted)) return 2;
  const words = wanted.split(" ");
  const there = title.split(" ");
  return words.every((word) => there.some((other) => slip(word, other))) ? 1 : 0;
}

/** Whether a word is the beginning of another, give or take one letter. */
function slip(word: string, other: string): boolean {
  if (other.startsWith(word)) return true;
  if (word.length < 4) return false;
  const cut = [word.length - 1, word.length, word.length + 1].map((end) => other.slice(0, end));
  return cut.some((part) => oneEdit(word, part));
}

/** Whether one letter more, less or other makes one text of the other, or two swapped. */
function oneEdit(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return (x.length <= 1 && y.length <= 1) || (x.length === 2 && x === [...y].reverse().join(""));
}
