/**
 * How often a page is drawn: as often as the device can bear, so that it answers every finger.
 *
 * A phone that takes long for one picture is shown fewer of them. What its owner does is drawn at
 * once, by itself; what the others did is drawn when nothing waits for an answer.
 */
import { answering } from "./fingers.ts";

/** Pictures come at most this often, in milliseconds. */
const REST_MIN_MS = 100;

/** And at least this often, in milliseconds, while there is news. */
const REST_MAX_MS = 600;

/** Drawing may take one part in so many of a device's time. */
const SHARE = 6;

/** News that came while a finger was answered is looked at again after this, in milliseconds. */
const ASIDE_MS = 30;

/** And waits for fingers no longer than this, in milliseconds. */
const ASIDE_MAX_MS = 500;

export class Pace {
  readonly #draw: () => void;
  readonly #drawOwn: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawn_at_ms = -REST_MAX_MS;
  #rest_ms = REST_MIN_MS;

  /** `drawOwn`: only what this person did. */
  constructor(draw: () => void, drawOwn: () => void) {
    this.#draw = draw;
    this.#drawOwn = drawOwn;
  }

  /** There is news: drawn when it is time. */
  soon(): void {
    if (this.#timer !== undefined) return;
    const due_ms = Math.max(performance.now(), this.#drawn_at_ms + this.#rest_ms);
    this.#wait(due_ms, due_ms - performance.now());
  }

  /** This person did something: drawn before the browser paints again. */
  now(): void {
    this.#drawOwn();
    this.soon();
  }

  /** Draws nothing more of what was asked for. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(due_ms: number, wait_ms: number): void {
    this.#timer = setTimeout(() => {
      if (answering() && performance.now() - due_ms < ASIDE_MAX_MS) this.#wait(due_ms, ASIDE_MS);
      else this.#all();
    }, wait_ms);
  }

  #all(): void {
    this.stop();
    this.#drawn_at_ms = performance.now();
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
