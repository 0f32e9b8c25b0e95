/** Shows as the panel asks for them. */
import type { Api, ShowPage, ShowView, VenueView } from "@setroom/shared";
import { countryName } from "@setroom/shared/ui/desk/when.ts";

/** Lists of one's own shows. */
export const LISTS = {
  live: { statuses: ["live"], order: "oldest" },
  coming: { statuses: ["draft", "published"], order: "oldest" },
  past: { statuses: ["closed", "archived", "cancelled"], order: "newest" },
} as const;
export type ListName = keyof typeof LISTS;

const PAGE = 20;

/** A page of one's own shows. */
export function ownShows(api: Api, list: ListName, q: string, cursor: string | null): Promise<ShowPage> {
  const { statuses, order } = LISTS[list];
  const query = new URLSearchParams({ mine: "true", order, limit: String(PAGE) });
  for (const status of statuses) query.append("status", status);
  if (q !== "") query.set("q", q);
  if (cursor !== null) query.set("cursor", cursor);
  return api.get<ShowPage>(`/api/shows?${query.toString()}`);
}

export function readShow(api: Api, show_id: string, signal?: AbortSignal): Promise<ShowView> {
  return api.get<ShowView>(`/api/shows/${encodeURIComponent(show_id)}`, signal);
}

/** `Barton Hall, Ithaca, United States`. */
export function venueLine(venue: VenueView): string {
  const country = venue.country === null ? null : countryName(venue.country);
  return [venue.name, venue.city, country].filter(Boolean).join(", ");
}
