/** What a broadcast says. */
import type { BroadcastView } from "@setroom/shared";
import { currentLanguage } from "@setroom/shared/ui/i18n.ts";

/** Its words in the reader's language, else in any; `null`: Setroom's own for its kind. */
export function wordsOf({ texts }: Pick<BroadcastView, "texts">): { language: string; text: string } | null {
  const own = texts[currentLanguage()];
  if (own !== undefined) return { language: currentLanguage(), text: own };
  const [first] = Object.entries(texts);
  return first === undefined ? null : { language: first[0], text: first[1] };
}
