/**
 * Whether somebody touches or types right now: what can wait leaves them the processor.
 *
 * A tap is several events, and what they lead to is painted some frames later: the page holds
 * still until then. `isInputPending` tells of what this page has not even been told (Chromium).
 */

/** From an event to the paint that answers it, on a slow phone, in milliseconds. */
const ANSWER_MS = 120;

const EVENTS = ["pointerdown", "pointerup", "click", "keydown", "input"] as const;

interface Scheduling {
  isInputPending?: () => boolean;
}

let touched_ms = -ANSWER_MS;
const touched = (): void => {
  touched_ms = performance.now();
};
for (const name of EVENTS) globalThis.addEventListener(name, touched, { capture: true, passive: true });

/** Whether a finger waits for its answer. */
export function answering(): boolean {
  const { scheduling } = navigator as Navigator & { scheduling?: Scheduling };
  return performance.now() - touched_ms < ANSWER_MS || (scheduling?.isInputPending?.() ?? false);
}

/** Resolves when the page has nothing better to do, or after half a second. */
export function calm(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: CALM_MAX_MS });
    else setTimeout(resolve, ANSWER_MS);
  });
}

/** Nobody waits for calm longer than this, in milliseconds. */
const CALM_MAX_MS = 500;
