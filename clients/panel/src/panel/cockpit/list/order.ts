/** What is played when: the song after the one that is being played. */
import type { RoomState, SetlistEntry } from "@setroom/shared";

/** The entry that comes next in the list, or `null` at its end. */
export function nextOf(entries: readonly SetlistEntry[], state: RoomState | null): SetlistEntry | null {
  const playing = state?.now_playing?.entry_id;
  if (playing === undefined) return entries.find(({ started_at }) => started_at === undefined) ?? null;
  return entries[entries.findIndex(({ entry_id }) => entry_id === playing) + 1] ?? null;
}
