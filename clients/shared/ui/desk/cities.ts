/** Cities, from the server's gazetteer. */
import type { Api } from "@setroom/shared";

/** A city as `GET /api/places` knows it. */
export interface City {
  name: string;
  admin: string | null;
  country: string;
  lat: number;
  lon: number;
  time_zone: string;
}

/** Cities that a text may mean, the likeliest first. */
export async function findCities(api: Api, text: string, signal?: AbortSignal): Promise<readonly City[]> {
  const query = new URLSearchParams({ q: text, limit: "6" });
  return (await api.get<{ items: readonly City[] }>(`/api/places?${query.toString()}`, signal)).items;
}
