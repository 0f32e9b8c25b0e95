/** All of the account page's English texts, in one file to fetch. */
import { core } from "@setroom/shared/ui/texts/en.ts";
import { desk } from "@setroom/shared/ui/texts/en_desk.ts";
import { parts } from "@setroom/shared/ui/texts/en_parts.ts";
import { refusals } from "@setroom/shared/ui/texts/en_refusals.ts";
import { account } from "./en.ts";

export const all = { ...core, ...refusals, ...parts, ...desk, ...account };
