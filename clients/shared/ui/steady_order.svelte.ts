/** An order that does not change under the eyes or the finger of whoever reads it. */

/** How long after the last touch a reader counts as reading, in milliseconds. */
const READING_MS = 4_000;

export class SteadyOrder {
  readonly #newest: () => readonly string[];
  #held = $state.raw<readonly string[]>([]);
  #touched_ms = -READING_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(newest: () => readonly string[]) {
    this.#newest = newest;
    $effect(() => {
      void newest();
      this.#settle();
    });
    $effect(() => () => clearTimeout(this.#timer));
  }

  /** What is shown, in the order that is held; what is new comes last. */
  get ids(): readonly string[] {
    const newest = this.#newest();
    const kept = this.#held.filter((id) => newest.includes(id));
    return [...kept, ...newest.filter((id) => !kept.includes(id))];
  }

  /** Whether the order that is shown is an older one. */
  get stale(): boolean {
    return this.ids.join() !== this.#newest().join();
  }

  /** Somebody reads or is about to tap. */
  readonly touched = (): void => {
    this.#touched_ms = performance.now();
  };

  /** Takes the newest order. */
  readonly refresh = (): void => {
    clearTimeout(this.#timer);
    this.#held = this.#newest();
  };

  #settle(): void {
    const rest_ms = this.#touched_ms + READING_MS - performance.now();
    clearTimeout(this.#timer);
    if (rest_ms <= 0) this.#held = this.#newest();
    else this.#timer = setTimeout(() => this.#settle(), rest_ms + 50);
  }
}
