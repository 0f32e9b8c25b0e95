/**
 * Texts in the page's language, which the server chose (`<html lang>`).
 *
 * One table for a whole page: every app adds its catalogues to it, and gives `translate` the type
 * of its keys.
 */
import type { CoreKey } from "./texts/en.ts";
import type { PartKey } from "./texts/en_parts.ts";
import type { RefusalKey } from "./texts/en_refusals.ts";

export type SharedKey = CoreKey | RefusalKey | PartKey;
export type Language = "en" | "es";
export type Values = Readonly<Record<string, string | number>>;

let texts: Readonly<Record<string, string>> = {};
let language: Language = "en";
/** For dates and numbers: the reader's own form of the language, such as `en-GB`. */
let locale = "en";

/** Takes a language into use (a BCP 47 tag); its texts come by `addTexts`. */
export function setLanguage(tag: string): Language {
  language = tag.startsWith("es") ? "es" : "en";
  locale = navigator.languages.find((name) => name.startsWith(language)) ?? language;
  return language;
}

/** The language in use. */
export function currentLanguage(): Language {
  return language;
}

/** Adds a catalogue in the page's language. */
export function addTexts(catalogue: Readonly<Record<string, string>>): void {
  texts = { ...texts, ...catalogue };
}

/** Whether there is a text of this key. */
export function hasText(key: string): boolean {
  return key in texts;
}

/** A text, with its `{names}` filled in. */
export function translate(key: string, values: Values = {}): string {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A text that all apps share. */
export const t: (key: SharedKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export function countedText(key: string, count: number, values: Values = {}): string {
  const one = `${key}_one`;
  if (count === 1 && hasText(one)) return translate(one, values);
  return translate(key, { ...values, count: number(count) });
}

/** Why something was refused: by its code, or in the server's words. */
export function refusalText(code: string, detail: string): string {
  const key = `refusal.${code}`;
  return hasText(key) ? translate(key) : t("refusal.other", { detail });
}

/** The name of a setlist section. */
export function sectionName(section: string): string {
  const number = section.replace(/\D+/, "");
  if (section.startsWith("set")) return t("section.set", { number });
  if (!section.startsWith("encore")) return t("section.soundcheck");
  return number === "1" ? t("section.encore") : t("section.encore_numbered", { number });
}

/** Formats by what they format: making one costs a hundred times more than using it. */
const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function kept<Format extends Intl.NumberFormat | Intl.DateTimeFormat>(name: string, make: () => Format): Format {
  const key = `${locale} ${name}`;
  const known = formats.get(key) as Format | undefined;
  const format = known ?? make();
  if (known === undefined) formats.set(key, format);
  return format;
}

/** A share from 0 to 1: "85%". */
export function percent(share: number): string {
  return kept("percent", () => new Intl.NumberFormat(locale, { style: "percent" })).format(share);
}

/** A number as it is written here. */
export function number(value: number): string {
  return kept("number", () => new Intl.NumberFormat(locale)).format(value);
}

/** A number in few characters: `1.2K`. */
export function shortNumber(value: number): string {
  return kept("short", () => new Intl.NumberFormat(locale, { notation: "compact" })).format(value);
}

type Zone = string | null | undefined;

/** A moment by the clocks of a zone; `named`: it is, where this device's clocks say something else. */
function moment(timestamp: string, zone: Zone, named: boolean, options: Intl.DateTimeFormatOptions): string {
  const at = new Date(timestamp);
  const said = (more: Intl.DateTimeFormatOptions): string =>
    kept(JSON.stringify([options, more]), () => new Intl.DateTimeFormat(locale, { ...options, ...more })).format(at);
  const here = said({});
  if (!zone) return here;
  try {
    const there = said({ timeZone: zone });
    return there === here || !named ? there : said({ timeZone: zone, timeZoneName: "longGeneric" });
  } catch {
    // A browser that is older than the zone, or than this way to name it.
    return here;
  }
}

const CLOCK = { hour: "2-digit", minute: "2-digit" } as const;

/** Hours and minutes; here, or in `zone`. */
export function clockTime(timestamp: string, zone?: Zone, named = false): string {
  return moment(timestamp, zone, named, CLOCK);
}

/** A day and its time; here, or in `zone`, which is named where it is another. */
export function dayAndTime(timestamp: string, zone?: Zone): string {
  return moment(timestamp, zone, true, { weekday: "long", day: "numeric", month: "long", year: "numeric", ...CLOCK });
}

/** `1:05`, from seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, "0")}`;
}
