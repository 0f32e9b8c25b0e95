/**
 * How often a page is drawn: as often as the device can bear, so that it answers every finger.
 *
 * A phone that takes long for one picture is shown fewer of them; what its owner does is drawn at
 * once, however busy the room is.
 */

/** Pictures come at most this often, in milliseconds. */
const REST_MIN_MS = 100;

/** And at least this often, in milliseconds, while there is news. */
const REST_MAX_MS = 600;

/** Drawing may take one part in so many of a device's time. */
const SHARE = 6;

export class Pace {
  readonly #draw: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawn_at_ms = -REST_MAX_MS;
  #rest_ms = REST_MIN_MS;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  /** There is news: drawn when it is time. */
  soon(): void {
    if (this.#timer !== undefined) return;
    const left_ms = this.#drawn_at_ms + this.#rest_ms - performance.now();
    this.#timer = setTimeout(() => this.now(), Math.max(0, left_ms));
  }

  /** Drawn before the browser paints again. */
  now(): void {
    this.stop();
    const began_ms = performance.now();
    this.#drawn_at_ms = began_ms;
    this.#draw();
    // A frame's callback and a task after it stand for "painted"; an unseen page paints nothing.
    requestAnimationFrame(() => {
      const frame_ms = performance.now();
      setTimeout(() => {
        const cost_ms = performance.now() - frame_ms;
        this.#rest_ms = Math.min(REST_MAX_MS, Math.max(REST_MIN_MS, cost_ms * SHARE));
      });
    });
  }

  /** Draws nothing more of what was asked for. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Resolves once the browser has painted what was changed just now. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, 100);
    requestAnimationFrame(() => {
      clearTimeout(late);
      setTimeout(resolve);
    });
  });
}
