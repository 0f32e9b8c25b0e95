/**
 * Who is editing which song: names and colours at the entries, and only of those who edit.
 *
 * The audience is a head count: nobody says anything here by looking on. What others say of
 * themselves is theirs to say, so it is cut to length and given a colour from our own scale.
 */
import { DISPLAY_NAME_CHARACTERS_MAX } from "@setroom/shared";
import type { RoomClient } from "@setroom/shared/live";
import { hueOf } from "./components/avatar.ts";

type Awareness = RoomClient["awareness"];

export interface Editor {
  name: string;
  /** Degrees on the colour wheel, the same for one name everywhere. */
  hue: number;
}

/** Who edits is told at most so often, in milliseconds: thumbs are quicker than eyes. */
const SAID_EVERY_MS = 600;

/** What a page shows of the others is renewed at most so often, in milliseconds. */
const SHOWN_EVERY_MS = 300;

export class Presence {
  /** Entry → the others who are editing it. */
  editors = $state.raw<ReadonlyMap<string, readonly Editor[]>>(new Map());
  #awareness: Awareness | null = null;
  #name = "";
  #entry_id: string | null = null;
  #saying: ReturnType<typeof setTimeout> | undefined;
  #showing: ReturnType<typeof setTimeout> | undefined;

  /** Listens to a room; `name`: what the others see. */
  attach(awareness: Awareness, name: string): void {
    this.detach();
    this.#awareness = awareness;
    this.#name = name;
    awareness.on("change", this.#heard);
  }

  detach(): void {
    clearTimeout(this.#saying);
    clearTimeout(this.#showing);
    this.#saying = this.#showing = undefined;
    this.#awareness?.off("change", this.#heard);
    this.#awareness = null;
    this.editors = new Map();
  }

  /** This person edits an entry now; `null`: none any more. */
  edits(entry_id: string | null): void {
    this.#entry_id = entry_id;
    this.#saying ??= setTimeout(() => {
      this.#saying = undefined;
      const state = this.#entry_id === null ? null : { user: { name: this.#name }, entry_id: this.#entry_id };
      this.#awareness?.setLocalState(state);
    }, SAID_EVERY_MS);
  }

  readonly #heard = (): void => {
    this.#showing ??= setTimeout(() => {
      this.#showing = undefined;
      this.#show();
    }, SHOWN_EVERY_MS);
  };

  #show(): void {
    const awareness = this.#awareness;
    if (awareness === null) return;
    const editors = new Map<string, Editor[]>();
    for (const [client_id, state] of awareness.getStates()) {
      if (client_id === awareness.clientID) continue;
      const { entry_id, name } = said(state);
      if (entry_id === "" || name === "") continue;
      editors.set(entry_id, [...(editors.get(entry_id) ?? []), { name, hue: hueOf(name) }]);
    }
    this.editors = editors;
  }
}

/** What somebody's state says that we understand. */
function said(state: Readonly<Record<string, unknown>>): { entry_id: string; name: string } {
  const user = state.user as { name?: unknown } | null | undefined;
  const name = typeof user?.name === "string" ? user.name.trim() : "";
  return {
    entry_id: typeof state.entry_id === "string" ? state.entry_id : "",
    name: Array.from(name).slice(0, DISPLAY_NAME_CHARACTERS_MAX).join(""),
  };
}
