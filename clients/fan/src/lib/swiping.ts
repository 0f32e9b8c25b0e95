/** A swipe to the side goes to the part of the room beside this one; the dock does the same. */

/** A finger that goes this far to the side, in pixels, and clearly more so than up or down. */
const FAR_PX = 70;
const STEEP = 2;

/** A slower movement is reading, in milliseconds. */
const QUICK_MS = 600;

/** What has a use of its own for movements to the side. */
const OTHERS = "input, textarea, select, dialog, .handle, .scroller, .parts, .stepper, [role=slider]";

/** Calls `go` with 1 for the next part and -1 for the one before. Returns what undoes that. */
export function swiped(area: HTMLElement, go: (step: 1 | -1) => void): () => void {
  const listening = new AbortController();
  const settings = { passive: true, signal: listening.signal };
  let from: { x: number; y: number; at_ms: number } | null = null;
  area.addEventListener("touchstart", (event) => {
    const [touch] = event.touches;
    const free = event.touches.length === 1 && !(event.target as Element).closest(OTHERS);
    from = free && touch ? { x: touch.clientX, y: touch.clientY, at_ms: event.timeStamp } : null;
  }, settings);
  area.addEventListener("touchend", (event) => {
    const [touch] = event.changedTouches;
    if (from === null || touch === undefined || event.timeStamp - from.at_ms > QUICK_MS) return;
    const across = touch.clientX - from.x;
    const down = touch.clientY - from.y;
    from = null;
    if (Math.abs(across) < FAR_PX || Math.abs(across) < STEEP * Math.abs(down)) return;
    const forth = getComputedStyle(area).direction === "rtl" ? across > 0 : across < 0;
    go(forth ? 1 : -1);
  }, settings);
  area.addEventListener("touchcancel", () => (from = null), settings);
  return () => listening.abort();
}
