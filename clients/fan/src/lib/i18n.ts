/** Texts in the page's language, which the server chose (`<html lang>`). */
import { en, type TextKey } from "../texts/en.ts";

export type { TextKey };
export type Values = Readonly<Record<string, string | number>>;

let catalogue: Readonly<Record<TextKey, string>> = en;
let language = "en";
/** For dates and numbers: the reader's own form of the language, such as `en-GB`. */
let locale = "en";

/** Takes the language into use; English is in the bundle, others are fetched. */
export async function useLanguage(tag: string): Promise<void> {
  language = tag.startsWith("es") ? "es" : "en";
  locale = navigator.languages.find((name) => name.startsWith(language)) ?? language;
  catalogue = language === "es" ? (await import("../texts/es.ts")).es : en;
}

/** A text, with its `{names}` filled in. */
export function t(key: TextKey, values: Values = {}): string {
  return catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** `key_one` for one, otherwise `key` with `{count}`. */
export function counted(key: TextKey, count: number): string {
  const one = `${key}_one`;
  if (count === 1 && one in catalogue) return catalogue[one as TextKey];
  return t(key, { count: new Intl.NumberFormat(locale).format(count) });
}

/** Why something was refused: by its code, or in the server's words. */
export function refusalText(code: string, detail: string): string {
  const key = `refusal.${code}`;
  return key in catalogue ? catalogue[key as TextKey] : t("refusal.other", { detail });
}

/** The name of a setlist section. */
export function sectionName(section: string): string {
  const number = section.replace(/\D+/, "");
  if (section.startsWith("set")) return t("section.set", { number });
  if (!section.startsWith("encore")) return t("section.soundcheck");
  return number === "1" ? t("section.encore") : t("section.encore_numbered", { number });
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
