/** Drafts are no events of the room: they are asked for. */
import type { RoundView } from "@setroom/shared";
import type { CockpitRoom } from "../cockpit_room.svelte.ts";

export class Drafted {
  #asked = $state.raw<readonly RoundView[]>([]);
  readonly #room: () => CockpitRoom;

  constructor(room: () => CockpitRoom) {
    this.#room = room;
    $effect(() => {
      // Asked again when a connection is back: another of the crew may have kept one.
      if (room().isLive) void this.refresh();
    });
  }

  /** Drafts that nobody has opened since they were asked for. */
  get items(): readonly RoundView[] {
    const known = this.#room().state?.rounds ?? [];
    const all = [...known.filter(({ status }) => status === "draft"), ...this.#asked];
    return all.filter(
      ({ round_id }, at) =>
        all.findIndex((other) => other.round_id === round_id) === at &&
        !known.some((other) => other.round_id === round_id && other.status !== "draft"),
    );
  }

  async refresh(): Promise<void> {
    const room = this.#room();
    try {
      this.#asked = (await room.api.rounds(room.show_id)).filter(({ status }) => status === "draft");
    } catch (error) {
      if (room.isLive) room.tell(error);
    }
  }
}
