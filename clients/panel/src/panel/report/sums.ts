/** What follows from the numbers of a show. A withheld one makes all that would tell it withheld. */
import type { Sample } from "@setroom/shared/ui/components/plot_scale.ts";
import type { Figure } from "./contract.ts";

/** All of them together. */
export function totalOf(values: readonly Figure[]): Figure {
  return values.reduce<Figure>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

/** The most at once. */
export function peakOf(values: readonly Figure[]): Figure {
  const known = values.filter((value): value is number => value !== null);
  return values.length > 0 && known.length === 0 ? null : Math.max(0, ...known);
}

/** One as a part of the other, from 0 to 1; of nothing there is no part. */
export function shareOf(part: Figure, whole: Figure): Figure {
  if (part === null || whole === null) return null;
  return whole === 0 ? 0 : part / whole;
}

/** Values at even distances as a plot's samples; a single one is drawn as a line all the same. */
export function samplesOf(values: readonly Figure[], starts_at: string | null, bucket_s: number): readonly Sample[] {
  if (starts_at === null) return [];
  const begin_ms = Date.parse(starts_at);
  const drawn = values.length === 1 ? [...values, ...values] : values;
  return drawn.map((value, at) => ({ at_ms: begin_ms + at * bucket_s * 1000, value }));
}
