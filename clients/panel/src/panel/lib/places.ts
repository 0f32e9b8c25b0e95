/** The time zones of venues, found by their cities. */
import type { Api, VenueView } from "@setroom/shared";
import { findCities, type City } from "@setroom/shared/ui/desk/cities.ts";
import { ownZone } from "./zones.ts";

const CHOSEN_KEY = "setroom:panel:zones";
/** Venues whose zone was chosen by hand and is remembered on this device. */
const CHOSEN_MAX = 200;

const asked = new Map<string, Promise<string | null>>();

/** The zone of a venue, and whether that is known rather than this device's own. */
export interface VenueZone {
  zone: string;
  known: boolean;
}

/** The zone that a show's times are said in. */
export async function zoneOfVenue(api: Api, venue: VenueView | null): Promise<VenueZone> {
  const chosen = chosenZones()[keyOf(venue)];
  if (chosen !== undefined) return { zone: chosen, known: true };
  const found = venue === null ? null : await located(api, venue);
  return found === null ? { zone: ownZone(), known: false } : { zone: found, known: true };
}

/** Remembers a zone that somebody chose for a venue by hand. */
export function rememberZone(venue: VenueView | null, zone: string): void {
  try {
    const kept = Object.entries({ ...chosenZones(), [keyOf(venue)]: zone }).slice(-CHOSEN_MAX);
    localStorage.setItem(CHOSEN_KEY, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // A browser without a storage asks again the next time.
  }
}

function located(api: Api, venue: VenueView): Promise<string | null> {
  const { city, country } = venue;
  if (city === null || country === null) return Promise.resolve(null);
  const key = `${city}, ${country}`;
  let answer = asked.get(key);
  if (answer === undefined) {
    answer = findCities(api, key).then(
      (cities) => cities.find((one) => one.country === country && isNamed(one, city))?.time_zone ?? null,
      () => {
        asked.delete(key); // no answer is no knowledge: ask again the next time
        return null;
      },
    );
    asked.set(key, answer);
  }
  return answer;
}

/** Whether a city is called so: the gazetteer also answers with what only begins so. */
function isNamed(city: City, name: string): boolean {
  // "New York" is "New York City" there.
  return `${plain(city.name)} `.startsWith(`${plain(name)} `);
}

function plain(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

function keyOf(venue: VenueView | null): string {
  return venue === null ? "" : [venue.name, venue.city, venue.country].join("|").toLowerCase();
}

function chosenZones(): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(CHOSEN_KEY) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as Record<string, string>) : {};
  } catch {
    return {};
  }
}
