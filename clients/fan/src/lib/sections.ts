/** Parts of a night that a song may go to. */
import { DEFAULT_SECTION, SECTIONS, type SetlistEntry } from "@setroom/shared";

/** Sections in use, the soundcheck, and the set and the encore that a night may go on to. */
export function offeredSections(entries: readonly SetlistEntry[], chosen: string): readonly string[] {
  const used = new Set(entries.map(({ section }) => section));
  const next = (kind: string): string | undefined =>
    SECTIONS.find((section) => section.startsWith(kind) && !used.has(section));
  const offered = new Set([...used, chosen, "soundcheck", next("set"), next("encore")]);
  return SECTIONS.filter((section) => offered.has(section));
}

/** Where the next song goes: on with the part of the night that was added to last. */
export function likelySection(entries: readonly SetlistEntry[]): string {
  return entries.at(-1)?.section ?? DEFAULT_SECTION;
}
