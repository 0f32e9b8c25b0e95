/** The page's texts. */
import { addTexts, currentLanguage, translate, type Values } from "@setroom/shared/ui/i18n.ts";
import type { DesignKey } from "./en.ts";

/** Adds them, in the language in use. */
export async function addDesignTexts(): Promise<void> {
  const spanish = currentLanguage() === "es";
  const [own, components] = await Promise.all([
    spanish ? import("./es.ts") : import("./en.ts"),
    spanish
      ? import("@setroom/shared/ui/texts/es_parts.ts")
      : import("@setroom/shared/ui/texts/en_parts.ts"),
  ]);
  addTexts(components.parts);
  addTexts(own.design);
}

/** A text of this page. */
export const t: (key: DesignKey, values?: Values) => string = translate;
