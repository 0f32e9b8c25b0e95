/** Keeps the room as it stands, so that it opens without a network. */
import { browserStorage, ROOM_SAVED_EVERY_MS } from "@setroom/shared";
import { forgetDocument } from "@setroom/shared/forget";
import { SavedRooms } from "@setroom/shared/saved_rooms";
import { answering } from "@setroom/shared/ui/fingers.ts";
import type { Room } from "../../lib/room.svelte.ts";

/** What is kept soon is kept after this, in milliseconds. */
const SOON_MS = 1_000;

/**
 * Saves while the room is live: soon after it came, then from time to time, and when the page
 * is left. `tookPart` is told when this person has done something that the room took.
 */
export function keepRoom(room: Room, tookPart: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saved_at_ms = -ROOM_SAVED_EVERY_MS;
  let dirty = false;
  let you: unknown;
  let saved: unknown;

  const save = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const { state, session, entries } = room;
    // Whoever has left is not written down again.
    const stays = session !== null && room.keeper.current?.account_id === session.account_id;
    if (!dirty || state === null || !stays) return;
    dirty = false;
    saved_at_ms = performance.now();
    const { account_id } = session;
    void new SavedRooms(account_id)
      .save({ ...state, entries }, Date.now())
      .then((gone) => {
        for (const { show } of gone) forgetDocument(show.show_id, account_id, browserStorage());
      })
      .catch(() => undefined); // a full disk keeps what it had
  };

  // Writing a whole room down takes a phone a moment: not while somebody waits for an answer.
  const whenCalm = (): void => {
    if (answering()) timer = setTimeout(whenCalm, SOON_MS);
    else save();
  };

  $effect.root(() => {
    $effect(() => {
      if (room.connection.kind !== "live" || room.state === null) return;
      void room.entries;
      if (room.state.you.ballots.length + room.justSaved.size > 0) tookPart();
      // What this person did is kept soon: they may go down into the basement any moment.
      const own = room.state.you !== you || room.justSaved !== saved;
      you = room.state.you;
      saved = room.justSaved;
      dirty = true;
      const due_ms = own ? SOON_MS : Math.max(SOON_MS, saved_at_ms + ROOM_SAVED_EVERY_MS - performance.now());
      if (own) clearTimeout(timer);
      if (own || timer === undefined) timer = setTimeout(whenCalm, due_ms);
    });
  });
  addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
}
