/** The displays' texts. */
import { addTexts, countedText, currentLanguage, translate, type Values } from "@setroom/shared/ui/i18n.ts";
import { useLanguage } from "../../texts/texts.ts";
import type { DisplayKey } from "./en.ts";

/** Takes the page's language into use. */
export async function useDisplayLanguage(tag: string): Promise<void> {
  await useLanguage(tag);
  const spanish = currentLanguage() === "es";
  const [own, components] = await Promise.all([
    spanish ? import("./es.ts") : import("./en.ts"),
    spanish
      ? import("@setroom/shared/ui/texts/es_parts.ts")
      : import("@setroom/shared/ui/texts/en_parts.ts"),
  ]);
  addTexts(components.parts);
  addTexts(own.displays);
}

/** A text of the displays. */
export const t: (key: DisplayKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: DisplayKey, count: number, values?: Values) => string = countedText;
