/** How long a word to the server and back takes on this connection. */

/** Rare enough to cost less than 1 KiB a minute. */
const EVERY_MS = 30_000;
/** A call that takes longer is no answer, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** The median of so many: one slow answer is chance. */
const KEPT = 3;

export class Lag {
  #taken = $state.raw<readonly number[]>([]);

  /** Milliseconds there and back; `null` before the first answer, and while nothing answers. */
  get ms(): number | null {
    const sorted = [...this.#taken].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }

  /** Measures while the page is looked at; returns what ends that. */
  start(): () => void {
    const leaving = new AbortController();
    const timer = setInterval(() => void this.#measure(leaving.signal), EVERY_MS);
    void this.#measure(leaving.signal);
    return () => {
      clearInterval(timer);
      leaving.abort();
    };
  }

  async #measure(leaving: AbortSignal): Promise<void> {
    if (document.hidden) return;
    const from_ms = performance.now();
    try {
      const signal = AbortSignal.any([leaving, AbortSignal.timeout(TIMEOUT_MS)]);
      const answer = await fetch("/health/live", { cache: "no-store", credentials: "omit", signal });
      await answer.arrayBuffer();
      this.#taken = [...this.#taken, performance.now() - from_ms].slice(-KEPT);
    } catch {
      if (!leaving.aborted) this.#taken = [];
    }
  }
}
