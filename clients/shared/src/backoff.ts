/** Pauses between attempts: doubling, with full jitter, so that a venue does not come back as one. */
import { BACKOFF_FIRST_MS, BACKOFF_MAX_MS } from "./limits.ts";

export class Backoff {
  #attempts = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Attempts since the last success. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Counts an attempt; milliseconds to wait before it. The first one is nearly at once. */
  next(): number {
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return Math.round(ceiling * (0.25 + 0.75 * this.#random()));
  }

  /** An attempt worked. */
  reset(): void {
    this.#attempts = 0;
  }
}
