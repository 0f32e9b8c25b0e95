/** The order in which a result is told: the last places first, the winner alone at the end. Pure. */
import type { Bar } from "@setroom/shared/ui/components/Bars.svelte";

/** Before the first place is told, in milliseconds: the question, and how many answered it. */
export const PRELUDE_MS = 1_800;
const STEP_MS = 1_000;
/** The breath before the winner. */
const SUSPENSE_MS = 1_700;
/** Places that are told one by one; those behind them come at once. */
const SINGLE_PLACES_MAX = 5;

/** When each bar is told, in milliseconds since the beginning, by its id. */
export function revealTimes(bars: readonly Bar[]): ReadonlyMap<string, number> {
  const winners = bars.filter((bar) => bar.won);
  const others = bars.filter((bar) => !bar.won);
  const times = new Map<string, number>();
  let at_ms = PRELUDE_MS;
  others.forEach((_, fromTop) => {
    const place = others.length - 1 - fromTop; // the last one first
    const bar = others[place];
    if (bar === undefined) return;
    times.set(bar.id, at_ms);
    if (place <= SINGLE_PLACES_MAX - 1) at_ms += STEP_MS;
  });
  const finale_ms = others.length ? at_ms + SUSPENSE_MS - STEP_MS : at_ms;
  for (const bar of winners) times.set(bar.id, finale_ms);
  return times;
}

/** When everything has been told. */
export function revealEnds(times: ReadonlyMap<string, number>): number {
  return Math.max(PRELUDE_MS, ...times.values());
}
