/** All of the panel's English texts, in one file to fetch. */
import { parts } from "@setroom/shared/ui/texts/en_parts.ts";
import { panel } from "./en.ts";
import { after } from "./en_after.ts";
import { shows } from "./en_shows.ts";

export const all = { ...parts, ...panel, ...shows, ...after };
