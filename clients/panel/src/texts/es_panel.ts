/** All of the panel's Spanish texts, in one file to fetch. */
import { parts } from "@setroom/shared/ui/texts/es_parts.ts";
import { panel } from "./es.ts";
import { after } from "./es_after.ts";
import { shows } from "./es_shows.ts";

export const all = { ...parts, ...panel, ...shows, ...after };
