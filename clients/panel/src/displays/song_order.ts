/** Where a show stands in its setlist. Pure. */
import type { NowPlaying, SetlistEntry } from "@setroom/shared";

export interface Standing {
  /** Place of what is played, from 0; -1: it is not in the list (any more), or nothing is played. */
  at: number;
  next: SetlistEntry | null;
}

/** What comes after what is played; before the first song, the first that is no soundcheck. */
export function standing(entries: readonly SetlistEntry[], playing: NowPlaying | null): Standing {
  const at = playing === null ? -1 : entries.findIndex((entry) => entry.entry_id === playing.entry_id);
  if (at >= 0) return { at, next: entries[at + 1] ?? null };
  const played = entries.findLastIndex((entry) => entry.started_at !== undefined);
  const first = entries.findIndex((entry) => entry.section !== "soundcheck");
  return { at: -1, next: entries[played >= 0 ? played + 1 : Math.max(0, first)] ?? null };
}

/** A song with its place in the whole list. */
export interface Placed {
  entry: SetlistEntry;
  at: number;
}

/** The list by its sections, both in playing order. */
export function inSections(entries: readonly SetlistEntry[]): readonly (readonly [string, readonly Placed[]])[] {
  const sections = new Map<string, Placed[]>();
  entries.forEach((entry, at) => {
    const songs = sections.get(entry.section) ?? [];
    sections.set(entry.section, [...songs, { entry, at }]);
  });
  return [...sections];
}

/** Minutes and hours as a musician reads them: `1:23:45`, or `3:07` below an hour. */
export function stopwatch(duration_ms: number): string {
  const seconds = Math.max(0, Math.floor(duration_ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours ? `${String(hours)}:${String(minutes).padStart(2, "0")}:${rest}` : `${String(minutes)}:${rest}`;
}
