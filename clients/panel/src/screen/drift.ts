/** Nothing stays on the same pixels all night: the picture moves a little, far too slowly to see. */

const STEP_MS = 60_000;
const STEPS = 12;
/** In hundredths of the picture's width. */
const RADIUS = 0.5;

/** Where the picture stands at a moment, in units of `screen.css`. */
export function driftAt(now_ms: number): { x: number; y: number } {
  const angle = ((Math.floor(now_ms / STEP_MS) % STEPS) / STEPS) * 2 * Math.PI;
  return { x: RADIUS * Math.cos(angle), y: RADIUS * Math.sin(angle) };
}
