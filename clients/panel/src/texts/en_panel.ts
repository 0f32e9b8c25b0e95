/** All of the panel's English texts, in one file to fetch. */
import { desk } from "@setroom/shared/ui/texts/en_desk.ts";
import { parts } from "@setroom/shared/ui/texts/en_parts.ts";
import { past } from "@setroom/shared/ui/texts/en_past.ts";
import { panel } from "./en.ts";
import { after } from "./en_after.ts";
import { people } from "./en_people.ts";
import { show } from "./en_show.ts";
import { shows } from "./en_shows.ts";

export const all = { ...desk, ...parts, ...past, ...panel, ...shows, ...show, ...people, ...after };
