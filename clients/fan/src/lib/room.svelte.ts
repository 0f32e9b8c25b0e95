/** The room of this app: with the parts of the page that are fetched on entering. */
import type { EventMessage, RoomState } from "@setroom/shared";
import { Room as SharedRoom } from "@setroom/shared/ui/room.svelte.ts";
import { fetchTexts } from "./i18n.ts";

export { loadLive } from "@setroom/shared/ui/room.svelte.ts";

type Inside = typeof import("../inside.ts");

/** What is only seen inside the room, with its texts. */
export async function loadInside(): Promise<Inside> {
  const [inside] = await Promise.all([import("../inside.ts"), fetchTexts("inside")]);
  return inside;
}

/** Rounds, which many a page has none of. A second call costs nothing. */
type RoundsPart = typeof import("../parts/Rounds.svelte");
/** What was fetched before the page was built is drawn with it, not a moment after. */
export const fetched: { Rounds: RoundsPart["default"] | null } = { Rounds: null };
export async function loadRounds(): Promise<RoundsPart> {
  const part = await import("../parts/Rounds.svelte");
  fetched.Rounds = part.default;
  return part;
}

export class Room extends SharedRoom {
  /** Parts of the page that were fetched on entering. */
  inside = $state.raw<Inside | null>(null);
  #isEquipped: () => void = () => undefined;
  /** Resolves when they are there. */
  readonly equipped = new Promise<void>((resolve) => {
    this.#isEquipped = resolve;
  });

  /** Fetches them now; whether they are there. */
  async fetchInside(): Promise<boolean> {
    try {
      this.inside = await loadInside();
      this.#isEquipped();
    } catch {
      // Asked for again at the next touch.
    }
    return this.inside !== null;
  }

  protected override happened(event: EventMessage, state: RoomState): void {
    this.inside?.notice(event, state, this.pending);
  }
}
