/** The time, for countdowns; ticks only while somebody looks at it. */
import { createSubscriber } from "svelte/reactivity";

const TICK_MS = 500;

class Clock {
  readonly #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, TICK_MS);
    return () => clearInterval(timer);
  });

  /** Milliseconds since 1970. */
  get now_ms(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const clock = new Clock();
