/** All of the account page's Spanish texts, in one file to fetch. */
import { core } from "@setroom/shared/ui/texts/es.ts";
import { desk } from "@setroom/shared/ui/texts/es_desk.ts";
import { parts } from "@setroom/shared/ui/texts/es_parts.ts";
import { refusals } from "@setroom/shared/ui/texts/es_refusals.ts";
import { account } from "./es.ts";

export const all = { ...core, ...refusals, ...parts, ...desk, ...account };
