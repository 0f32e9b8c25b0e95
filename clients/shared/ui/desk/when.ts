/** Days and times as they are said to people, in the zone of the place they are about. */
import { currentLanguage } from "../i18n.ts";

function localeName(): string {
  const language = currentLanguage();
  return navigator.languages.find((name) => name.startsWith(language)) ?? language;
}

function text(timestamp: string, zone: string, options: Intl.DateTimeFormatOptions): string {
  const format = new Intl.DateTimeFormat(localeName(), { ...options, timeZone: zone });
  return format.format(new Date(timestamp));
}

/** `Sat, 8 May 2027, 20:00`. */
export function dayAndClock(timestamp: string, zone: string): string {
  return text(timestamp, zone, {
    weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
  });
}

/** `20:00`. */
export function clock(timestamp: string, zone: string): string {
  return text(timestamp, zone, { hour: "2-digit", minute: "2-digit" });
}

/** `8`. */
export function dayNumber(timestamp: string, zone: string): string {
  return text(timestamp, zone, { day: "numeric" });
}

/** `May 2027`, short. */
export function monthAndYear(timestamp: string, zone: string): string {
  return text(timestamp, zone, { month: "short", year: "numeric" });
}

/** `Sat`. */
export function weekday(timestamp: string, zone: string): string {
  return text(timestamp, zone, { weekday: "short" });
}

/** A zone in words at a moment, such as `Central European Summer Time (GMT+2)`. */
export function zoneName(zone: string, timestamp: string): string {
  const at = Number.isNaN(Date.parse(timestamp)) ? new Date().toISOString() : timestamp;
  const name = (style: "long" | "shortOffset"): string =>
    new Intl.DateTimeFormat(localeName(), { timeZone: zone, timeZoneName: style })
      .formatToParts(new Date(at))
      .find(({ type }) => type === "timeZoneName")?.value ?? zone;
  const [long, offset] = [name("long"), name("shortOffset")];
  return long === offset ? `${zone.replaceAll("_", " ")} (${offset})` : `${long} (${offset})`;
}

/** The city that a zone is named after: `New York`. */
export function zoneCity(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** A country's name in the page's language. */
export function countryName(code: string): string {
  try {
    return new Intl.DisplayNames([localeName()], { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}
