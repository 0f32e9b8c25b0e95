/** How a show goes, in numbers, as the server tells them. */

/** A number that may be withheld, because too few people are behind it. */
export type Figure = number | null;

export interface AnalyticsView {
  at: string;
  starts_at: string | null;
  bucket_s: number;
  vote_rate: readonly Figure[];
  head_count: readonly Figure[];
  channels: Readonly<Record<string, Figure>>;
  delivery: Readonly<Record<string, Figure>>;
  funnel: readonly { step: string; people: Figure }[];
  /** Groups of fewer people are withheld from this viewer; `null`: nothing is. */
  withheld_below: number | null;
}
