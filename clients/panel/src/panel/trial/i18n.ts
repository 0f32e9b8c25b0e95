/** The texts of what is tried without a carrier: fetched with its pages, in the page's language. */
import { addTexts, countedText, currentLanguage, translate, type Values } from "@setroom/shared/ui/i18n.ts";
import type { TextKey as PanelTextKey } from "../lib/i18n.ts";
import type { TrialKey } from "./texts/en.ts";

export type TextKey = PanelTextKey | TrialKey;

/** Adds the catalogue to the page's texts. */
export async function fetchTexts(): Promise<void> {
  const { trial } = currentLanguage() === "es" ? await import("./texts/es.ts") : await import("./texts/en.ts");
  addTexts(trial);
}

/** A text, with its `{names}` filled in. */
export const t: (key: TextKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: TextKey, count: number, values?: Values) => string = countedText;
