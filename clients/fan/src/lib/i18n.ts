/** Texts in the page's language, which the server chose (`<html lang>`). */
import { en, type FirstKey } from "../texts/en.ts";
import type { InsideKey } from "../texts/en_inside.ts";
import type { MoreKey } from "../texts/en_more.ts";

export type TextKey = FirstKey | InsideKey | MoreKey;
/** Texts that are fetched: on entering, and with the parts that are fetched when wanted. */
export type Later = "inside" | "more";
export type Values = Readonly<Record<string, string | number>>;

let catalogue: Readonly<Partial<Record<TextKey, string>>> = en;
let language = "en";
/** For dates and numbers: the reader's own form of the language, such as `en-GB`. */
let locale = "en";
const fetching = new Map<Later, Promise<void>>();

/** Takes the language into use; English is in the bundle, others are fetched. */
export async function useLanguage(tag: string): Promise<void> {
  language = tag.startsWith("es") ? "es" : "en";
  locale = navigator.languages.find((name) => name.startsWith(language)) ?? language;
  catalogue = language === "es" ? (await import("../texts/es.ts")).es : en;
}

/** Fetches more texts. A second call costs nothing. */
export function fetchTexts(which: Later): Promise<void> {
  const known = fetching.get(which);
  if (known !== undefined) return known;
  const fetched = textsOf(which)
    .then((texts) => {
      catalogue = { ...catalogue, ...texts };
    })
    .catch((error: unknown) => {
      fetching.delete(which);
      throw error;
    });
  fetching.set(which, fetched);
  return fetched;
}

async function textsOf(which: Later): Promise<Readonly<Partial<Record<TextKey, string>>>> {
  if (which === "inside") {
    return language === "es"
      ? (await import("../texts/es_inside.ts")).inside
      : (await import("../texts/en_inside.ts")).inside;
  }
  return language === "es"
    ? (await import("../texts/es_more.ts")).more
    : (await import("../texts/en_more.ts")).more;
}

/** A part of the page that is fetched when it is wanted, with its texts. */
export async function later<Part>(load: () => Promise<Part>): Promise<Part> {
  const [part] = await Promise.all([load(), fetchTexts("inside"), fetchTexts("more")]);
  return part;
}

/** A text, with its `{names}` filled in. */
export function t(key: TextKey, values: Values = {}): string {
  const text = catalogue[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** `key_one` for one, otherwise `key` with `{count}`. */
export function counted(key: TextKey, count: number, values: Values = {}): string {
  const one = `${key}_one`;
  if (count === 1 && one in catalogue) return t(one as TextKey, values);
  return t(key, { ...values, count: number(count) });
}

/** Why something was refused: by its code, or in the server's words. */
export function refusalText(code: string, detail: string): string {
  const key = `refusal.${code}`;
  return key in catalogue ? t(key as TextKey) : t("refusal.other", { detail });
}

/** The name of a setlist section. */
export function sectionName(section: string): string {
  const number = section.replace(/\D+/, "");
  if (section.startsWith("set")) return t("section.set", { number });
  if (!section.startsWith("encore")) return t("section.soundcheck");
  return number === "1" ? t("section.encore") : t("section.encore_numbered", { number });
}

/** A number as it is written here. */
export function number(value: number): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** Hours and minutes. */
export function clockTime(timestamp: string): string {
  const format = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  return format.format(new Date(timestamp));
}

/** A day and its time. */
export function dayAndTime(timestamp: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
  return format.format(new Date(timestamp));
}

/** `1:05`, from seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, "0")}`;
}
