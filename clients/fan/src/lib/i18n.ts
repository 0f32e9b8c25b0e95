/** This app's texts: those of the first view in the bundle, others fetched with what says them. */
import {
  addTexts,
  countedText,
  currentLanguage,
  setLanguage,
  translate,
  type SharedKey,
  type Values,
} from "@setroom/shared/ui/i18n.ts";
import { core } from "@setroom/shared/ui/texts/en.ts";
import { en, type FirstKey } from "../texts/en.ts";
import type { InsideKey } from "../texts/en_inside.ts";
import type { MoreKey } from "../texts/en_more.ts";

export {
  clockTime,
  dayAndTime,
  duration,
  number,
  refusalText,
  sectionName,
  shortNumber,
} from "@setroom/shared/ui/i18n.ts";

export type TextKey = SharedKey | FirstKey | InsideKey | MoreKey;
/** Texts that are fetched: on entering, and with the parts that are fetched when wanted. */
export type Later = "inside" | "more";

type Catalogue = Readonly<Record<string, string>>;

const fetching = new Map<Later, Promise<void>>();

/** Takes the language into use; English is in the bundle, others are fetched. */
export async function useLanguage(tag: string): Promise<void> {
  if (setLanguage(tag) === "en") {
    addTexts(core);
    addTexts(en);
  } else {
    addTexts((await import("../texts/es.ts")).first);
  }
}

/** Fetches more texts. A second call costs nothing. */
export function fetchTexts(which: Later): Promise<void> {
  const known = fetching.get(which);
  if (known !== undefined) return known;
  const fetched = textsOf(which)
    .then(addTexts)
    .catch((error: unknown) => {
      fetching.delete(which);
      throw error;
    });
  fetching.set(which, fetched);
  return fetched;
}

async function textsOf(which: Later): Promise<Catalogue> {
  const spanish = currentLanguage() === "es";
  if (which === "inside") {
    return spanish
      ? (await import("../texts/es_inside.ts")).all
      : (await import("../texts/en_inside.ts")).all;
  }
  return spanish
    ? (await import("../texts/es_more.ts")).more
    : (await import("../texts/en_more.ts")).more;
}

/** A part of the page that is fetched when it is wanted, with its texts. */
export async function later<Part>(load: () => Promise<Part>): Promise<Part> {
  const [part] = await Promise.all([load(), fetchTexts("inside"), fetchTexts("more")]);
  return part;
}

/** A text, with its `{names}` filled in. */
export const t: (key: TextKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: TextKey, count: number, values?: Values) => string = countedText;
