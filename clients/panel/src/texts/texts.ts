/** The texts of these pages. Each page adds its own catalogue to those that all apps share. */
import { addTexts, setLanguage } from "@setroom/shared/ui/i18n.ts";

/** Takes the language into use, with the texts that all apps share. */
export async function useLanguage(tag: string): Promise<void> {
  const [texts, refusals] =
    setLanguage(tag) === "es"
      ? await Promise.all([
          import("@setroom/shared/ui/texts/es.ts"),
          import("@setroom/shared/ui/texts/es_refusals.ts"),
        ])
      : await Promise.all([
          import("@setroom/shared/ui/texts/en.ts"),
          import("@setroom/shared/ui/texts/en_refusals.ts"),
        ]);
  addTexts(texts.core);
  addTexts(refusals.refusals);
}
