/**
 * How many texts (segments) one text message is, and which character is to blame.
 *
 * The server counts what is sent; this counts while somebody types. Sources: 3GPP TS 23.038 for
 * the alphabet, TS 23.040 section 9.2.3.24.1 for what a part of a longer message holds.
 */

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** Two places each: an escape comes before them. */
const EXTENDED = new Set("^{}\\[~]|€\f");

/** Places in one text, and in each part of a longer one, by encoding. */
const PLACES = { "gsm-7": { alone: 160, part: 153 }, "ucs-2": { alone: 70, part: 67 } } as const;

/** What keyboards write by themselves, and what says the same in the short alphabet. */
const PLAIN: Readonly<Record<string, string>> = {
  ...each("‘’‚‛ʼ`´′", "'"),
  ...each("“”„‟″«»", '"'),
  ...each("‐‑‒–—―−", "-"),
  ...each("\u00a0\u2002\u2003\u2009\u200a\u202f\t", " "),
  "…": "...", "•": "*", "·": "*", "×": "x", "œ": "oe", "Œ": "OE", "º": "o", "ª": "a",
};

function each(signs: string, plain: string): Record<string, string> {
  return Object.fromEntries([...signs].map((sign) => [sign, plain]));
}

export type Encoding = keyof typeof PLACES;

export interface Counted {
  encoding: Encoding;
  segments: number;
  /** Places taken, of `places` in as many segments. */
  taken: number;
  places: number;
  /** Characters outside the short alphabet, each once, in their order. */
  foreign: readonly string[];
}

/** Counts a text as it would go out. */
export function countSegments(text: string): Counted {
  const characters = [...text];
  const foreign = [...new Set(characters.filter((one) => !BASIC.has(one) && !EXTENDED.has(one)))];
  const encoding: Encoding = foreign.length > 0 ? "ucs-2" : "gsm-7";
  const widths = characters.map((one) => (encoding === "ucs-2" ? one.length : EXTENDED.has(one) ? 2 : 1));
  const taken = widths.reduce((sum, width) => sum + width, 0);
  const { alone, part } = PLACES[encoding];
  if (taken <= alone) return { encoding, segments: taken === 0 ? 0 : 1, taken, places: alone, foreign };
  const segments = partsOf(widths, part);
  return { encoding, segments, taken, places: segments * part, foreign };
}

/** A character is never torn in two: what has no room begins the next part. */
function partsOf(widths: readonly number[], part: number): number {
  let [parts, free] = [1, part];
  for (const width of widths) {
    if (width > free) [parts, free] = [parts + 1, part];
    free -= width;
  }
  return parts;
}

/**
 * The text as the server writes it: in the short alphabet where that takes no more than its
 * ornaments, otherwise as it is. Typographic signs become plain ones, Latin letters lose the
 * accents that it has not (`ó`, but not `ñ`), emoji go.
 */
export function plainly(text: string): string {
  const made = [...text.normalize("NFC")].map(plainSign).join("");
  return made.trim() !== "" && fits(made) ? made : text;
}

function fits(text: string): boolean {
  return [...text].every((sign) => BASIC.has(sign) || EXTENDED.has(sign));
}

function plainSign(sign: string): string {
  if (fits(sign)) return sign;
  const plain = PLAIN[sign];
  if (plain !== undefined) return plain;
  const bare = sign.normalize("NFKD").replace(/\p{M}/gu, "");
  if (/^[\x20-\x7e]+$/.test(bare)) return bare;
  return /^[\p{So}\p{Sk}\p{Cf}\p{M}]$/u.test(sign) ? "" : sign;
}

/** Characters that make it longer than it would be. */
export interface Blame {
  foreign: readonly string[];
  /** Segments if it were in the short alphabet altogether. */
  short_segments: number;
}

/** Why a text needs the long alphabet, and what that costs; `null` if it does not. */
export function blameOf(text: string): Blame | null {
  const { encoding, foreign } = countSegments(text);
  if (encoding === "gsm-7") return null;
  const short = [...text].map((sign) => (fits(sign) ? sign : "x")).join("");
  return { foreign, short_segments: countSegments(short).segments };
}
