/** The cockpit's texts: fetched with it, in the page's language. */
import {
  addTexts,
  countedText,
  currentLanguage,
  translate,
  type SharedKey,
  type Values,
} from "@setroom/shared/ui/i18n.ts";
import type { CockpitKey } from "./texts/en.ts";

export {
  clockTime,
  duration,
  number,
  percent,
  refusalText,
  sectionName,
} from "@setroom/shared/ui/i18n.ts";

export type TextKey = SharedKey | CockpitKey;

/** Adds the cockpit's catalogue to the page's texts. */
export async function fetchTexts(): Promise<void> {
  const { cockpit } =
    currentLanguage() === "es" ? await import("./texts/es.ts") : await import("./texts/en.ts");
  addTexts(cockpit);
}

/** A text, with its `{names}` filled in. */
export const t: (key: TextKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: TextKey, count: number, values?: Values) => string = countedText;
