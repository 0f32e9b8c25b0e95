/** The texts of the simulated phones: fetched with them, in the page's language. */
import { addTexts, countedText, currentLanguage, translate, type Values } from "@setroom/shared/ui/i18n.ts";
import type { TextKey as PanelTextKey } from "../../lib/i18n.ts";
import type { PhonesKey } from "./texts/en.ts";

export { clockTime, number } from "@setroom/shared/ui/i18n.ts";

export type TextKey = PanelTextKey | PhonesKey;

/** Adds the catalogue to the page's texts. */
export async function fetchTexts(): Promise<void> {
  const { phones } = currentLanguage() === "es" ? await import("./texts/es.ts") : await import("./texts/en.ts");
  addTexts(phones);
}

/** A text, with its `{names}` filled in. */
export const t: (key: TextKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: TextKey, count: number, values?: Values) => string = countedText;
