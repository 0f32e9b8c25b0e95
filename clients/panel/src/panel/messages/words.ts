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

/** As much of a text as a list has room for, in characters. */
const BEGINNING = 140;

/** The beginning of a text, cut between words. */
export function beginningOf(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= BEGINNING) return line;
  return `${line.slice(0, BEGINNING).replace(/\s+\S*$/, "")}…`;
}
