/** The texts of a show's messages: fetched with their pages, in the page's language. */
import { addTexts, countedText, currentLanguage, translate, type Values } from "@setroom/shared/ui/i18n.ts";
import type { TextKey as PanelTextKey } from "../lib/i18n.ts";
import type { MessagesKey } from "./texts/en.ts";

export { number } from "@setroom/shared/ui/i18n.ts";

export type TextKey = PanelTextKey | MessagesKey;

/** Adds the catalogue of messages to the page's texts. */
export async function fetchTexts(): Promise<void> {
  const { messages } = currentLanguage() === "es" ? await import("./texts/es.ts") : await import("./texts/en.ts");
  addTexts(messages);
}

/** A text, with its `{names}` filled in. */
export const t: (key: TextKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: TextKey, count: number, values?: Values) => string = countedText;
