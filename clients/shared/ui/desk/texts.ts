/** The texts of these parts: whoever shows them adds the catalogue `desk` to theirs. */
import { countedText, hasText, translate, type SharedKey, type Values } from "../i18n.ts";
import type { DeskKey } from "../texts/en_desk.ts";

export type DeskTextKey = SharedKey | DeskKey;

/** A text, with its `{names}` filled in. */
export const t: (key: DeskTextKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: DeskTextKey, count: number, values?: Values) => string = countedText;

/** What is wrong with a field: by its code, or in the server's words. */
export function fieldText(code: string, detail: string): string {
  const key = `field.${code}`;
  return hasText(key) ? translate(key) : detail;
}
