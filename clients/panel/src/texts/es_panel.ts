/** All of the panel's Spanish texts, in one file to fetch. */
import { desk } from "@setroom/shared/ui/texts/es_desk.ts";
import { parts } from "@setroom/shared/ui/texts/es_parts.ts";
import { past } from "@setroom/shared/ui/texts/es_past.ts";
import { panel } from "./es.ts";
import { after } from "./es_after.ts";
import { people } from "./es_people.ts";
import { show } from "./es_show.ts";
import { shows } from "./es_shows.ts";

export const all = { ...desk, ...parts, ...past, ...panel, ...shows, ...show, ...people, ...after };
