/** What a form says of a show, and what is sent of it. */
import type { Access, NewShowBody, ShowView, VenueBody } from "@setroom/shared";
import { t } from "./i18n.ts";
import { momentOf, ownZone, wallClock } from "./zones.ts";

const DAY_MS = 86_400_000;

/** Where the form's time zone comes from. */
export type ZoneSource = "own" | "known" | "chosen";

export class ShowForm {
  title = $state("");
  artists = $state<string[]>([""]);
  tour = $state("");
  venue = $state("");
  city = $state("");
  country = $state("");
  date = $state("");
  starts = $state("");
  ends = $state("");
  access = $state<Access>("public");
  takes_sms = $state(false);
  zone = $state(ownZone());
  zone_source = $state<ZoneSource>("own");
  errors = $state.raw<Readonly<Record<string, string>>>({});
  readonly #had_end: boolean;

  /** @param copied whether it becomes another show: with the artists, without the day. */
  constructor(show: ShowView | null, zone: { zone: string; known: boolean } | null, copied = false) {
    this.#had_end = show?.ends_at !== null && show?.ends_at !== undefined && !copied;
    if (zone !== null) {
      this.zone = zone.zone;
      this.zone_source = zone.known ? "known" : "own";
    }
    if (show === null) return;
    this.title = show.title;
    this.tour = show.tour?.name ?? "";
    this.venue = show.venue?.name ?? "";
    this.city = show.venue?.city ?? "";
    this.country = show.venue?.country ?? "";
    this.access = show.access as Access;
    this.takes_sms = show.takes_sms;
    const starts = wallClock(show.starts_at, this.zone);
    this.starts = starts.time;
    if (!copied) this.date = starts.date;
    if (show.ends_at !== null) this.ends = wallClock(show.ends_at, this.zone).time;
    if (copied && show.artists.length > 0) this.artists = show.artists.map(({ name }) => name);
  }

  /** When it starts, with the venue's offset; `null` while that is not said or does not exist. */
  get starts_at(): string | null {
    return this.date && this.starts ? momentOf(this.date, this.starts, this.zone) : null;
  }

  /** When it ends: on the next day if it is earlier in the day than the start. */
  get ends_at(): string | null {
    if (!this.ends || !this.date) return null;
    const day = this.ends > this.starts ? this.date : nextDay(this.date);
    return momentOf(day, this.ends, this.zone);
  }

  /** All that is filled in, to notice a change. */
  get written(): string {
    return JSON.stringify([
      this.title, this.artists, this.tour, this.venue, this.city, this.country, this.date,
      this.starts, this.ends, this.access, this.takes_sms, this.zone,
    ]);
  }

  /** Checks what can be checked here; whether it may be sent. */
  check(): boolean {
    const errors: Record<string, string> = {};
    if (this.title.trim() === "") errors.title = t("field.empty");
    if (this.date === "") errors.date = t("form.date_missing");
    if (this.starts === "") errors.starts_at = t("form.time_missing");
    else if (this.date !== "" && this.starts_at === null) errors.starts_at = t("form.no_such_time");
    if (this.ends !== "" && this.date !== "" && this.ends_at === null) errors.ends_at = t("form.no_such_time");
    if (this.venue.trim() === "" && (this.city.trim() !== "" || this.country !== "")) {
      errors["venue.name"] = t("field.empty");
    }
    this.errors = errors;
    return Object.keys(errors).length === 0;
  }

  /** The body of the call that makes the show. */
  asNew(): NewShowBody {
    const names = this.artists.map((name) => name.trim()).filter(Boolean);
    return {
      ...this.#facts(),
      ...(this.ends_at === null ? {} : { ends_at: this.ends_at }),
      artists: [...new Set(names)].map((name) => ({ name })),
    };
  }

  /** The body of the call that changes it. */
  asChange(): Partial<NewShowBody> {
    return this.ends_at !== null || this.#had_end ? { ...this.#facts(), ends_at: this.ends_at } : this.#facts();
  }

  get place(): VenueBody | null {
    const name = this.venue.trim();
    if (name === "") return null;
    return { name, city: this.city.trim() || null, country: this.country || null };
  }

  #facts(): NewShowBody {
    const tour = this.tour.trim();
    return {
      title: this.title.trim(),
      starts_at: this.starts_at ?? "",
      access: this.access,
      takes_sms: this.takes_sms,
      venue: this.place,
      tour: tour === "" ? null : { name: tour },
    };
  }
}

function nextDay(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}
