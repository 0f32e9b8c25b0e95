/** The account page's texts. */
import { countedText, translate, type SharedKey, type Values } from "@setroom/shared/ui/i18n.ts";
import type { DeskKey } from "@setroom/shared/ui/texts/en_desk.ts";
import type { AccountKey } from "./texts/en.ts";

export type TextKey = SharedKey | DeskKey | AccountKey;

/** A text, with its `{names}` filled in. */
export const t: (key: TextKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: TextKey, count: number, values?: Values) => string = countedText;
