/** The panel's texts. */
import { countedText, translate, type SharedKey, type Values } from "@setroom/shared/ui/i18n.ts";
import type { DeskKey } from "@setroom/shared/ui/texts/en_desk.ts";
import type { PartKey } from "@setroom/shared/ui/texts/en_parts.ts";
import type { AfterKey } from "../../texts/en_after.ts";
import type { PanelKey } from "../../texts/en.ts";
import type { PeopleKey } from "../../texts/en_people.ts";
import type { OneShowKey } from "../../texts/en_show.ts";
import type { ShowKey } from "../../texts/en_shows.ts";

export { currentLanguage, number, refusalText } from "@setroom/shared/ui/i18n.ts";

export type TextKey = SharedKey | DeskKey | PartKey | PanelKey | ShowKey | OneShowKey | PeopleKey | AfterKey;

/** A text, with its `{names}` filled in. */
export const t: (key: TextKey, values?: Values) => string = translate;

/** `key_one` for one, otherwise `key` with `{count}`. */
export const counted: (key: TextKey, count: number, values?: Values) => string = countedText;
