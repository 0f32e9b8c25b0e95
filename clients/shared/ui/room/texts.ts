/** The texts of these parts: both apps add the catalogue `past` to theirs. */
import { countedText, translate, type SharedKey, type Values } from "../i18n.ts";
import type { PastKey } from "../texts/en_past.ts";

export type RoomTextKey = SharedKey | PastKey;

/** A text, with its `{names}` filled in. */
export const t: (key: RoomTextKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: RoomTextKey, count: number, values?: Values) => string = countedText;
