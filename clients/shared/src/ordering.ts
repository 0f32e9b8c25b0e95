/**
 * Positions of setlist entries: fractions in base 62, compared byte by byte.
 *
 * The rules are those of the server's `crdt/ordering.py`, and one file of vectors tests both. A
 * key reads as the digits after a point, so between two keys there is always room for a third. It
 * never ends in `0` (`a` and `a0` would be the same fraction), and its last digits are random, so
 * that two people who append at once do not get the same one.
 */
import { POSITION_BYTES_MAX } from "./limits.ts";

/** In the order of their bytes. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
const SUFFIX_DIGITS = 3;
const HEAD_DIGITS = 3;
const HEAD_SIZE = BASE ** HEAD_DIGITS;
const STEP_MIN = BASE;
/** Keys of 64 digits are far beyond what a double holds. */
const BIG_BASE = BigInt(BASE);

/** A number in [0, 1). */
export type Random = () => number;

/** No position of at most 64 bytes is left between two neighbours, until the server rebalances. */
export class PositionExhausted extends Error {
  constructor() {
    super("no short position is left here");
    this.name = "PositionExhausted";
  }
}

/** Whether a text is a position: base 62, at least one digit, not ending in `0`. */
export function isPosition(text: string): boolean {
  return text.length <= POSITION_BYTES_MAX && /^[0-9A-Za-z]*[1-9A-Za-z]$/.test(text);
}

/**
 * A new position strictly between two neighbours; `null` means no bound on that side.
 *
 * @throws RangeError if `before` is not less than `after`, or one of them is no position.
 * @throws PositionExhausted if the result would be too long.
 */
export function positionBetween(
  before: string | null,
  after: string | null,
  random: Random = Math.random,
): string {
  for (const neighbour of [before, after]) {
    if (neighbour !== null && !isPosition(neighbour)) throw new RangeError("no position");
  }
  if (before !== null && after !== null && before >= after) {
    throw new RangeError("the neighbours are not in order");
  }
  const below = (stop: number): number => Math.floor(random() * stop);
  const head = step(before, after, below);
  const position =
    head === null ? middle(before ?? "", after, below) : head + suffix(below);
  if (position.length > POSITION_BYTES_MAX) throw new PositionExhausted();
  return position;
}

type Below = (stop: number) => number;

/** Appending and prepending take steps instead of halves, so that keys stay short. */
function step(before: string | null, after: string | null, below: Below): string | null {
  if (before !== null && after !== null) return null;
  if (before === null && after === null) {
    return digitsOf(BigInt(Math.floor(HEAD_SIZE / 4) + below(STEP_MIN)), HEAD_DIGITS);
  }
  const width = BigInt(STEP_MIN + below(STEP_MIN));
  if (before !== null) {
    const value = numberAt(before, HEAD_DIGITS) + width;
    return value < BigInt(HEAD_SIZE) ? digitsOf(value, HEAD_DIGITS) : null;
  }
  const value = numberAt(after ?? "", HEAD_DIGITS) - width;
  return value > 0n ? digitsOf(value, HEAD_DIGITS) : null;
}

/**
 * Close to halfway, so that an insert costs little more than one bit. The choice among the middle
 * eighth keeps two who insert at the same place apart.
 */
function middle(before: string, after: string | null, below: Below): string {
  let digits = 1;
  while (upper(after, digits) - numberAt(before, digits) < 2n) digits += 1;
  digits += SUFFIX_DIGITS;
  const low = numberAt(before, digits);
  const width = upper(after, digits) - low;
  const value = low + width / 2n - width / 16n + BigInt(below(Number(width / 8n)));
  return digitsOf(value % BIG_BASE === 0n ? value + 1n : value, digits);
}

function upper(after: string | null, digits: number): bigint {
  return after === null ? BIG_BASE ** BigInt(digits) : numberAt(after, digits);
}

/** The first digits as an integer, padded with zeros. */
function numberAt(position: string, digits: number): bigint {
  let value = 0n;
  for (let index = 0; index < digits; index += 1) {
    const digit = index < position.length ? DIGITS.indexOf(position.charAt(index)) : 0;
    value = value * BIG_BASE + BigInt(digit);
  }
  return value;
}

function digitsOf(value: bigint, digits: number): string {
  let text = "";
  for (let rest = value; text.length < digits; rest /= BIG_BASE) {
    text = DIGITS.charAt(Number(rest % BIG_BASE)) + text;
  }
  return text;
}

function suffix(below: Below): string {
  let text = "";
  for (let index = 1; index < SUFFIX_DIGITS; index += 1) text += DIGITS.charAt(below(BASE));
  return text + DIGITS.charAt(1 + below(BASE - 1));
}
