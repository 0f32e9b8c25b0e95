/** The people of the room as crew looks for them: those who have said nothing as well. */
import { ApiProblem, type ParticipantPage, type ParticipantView } from "@setroom/shared";
import type { CockpitRoom } from "./cockpit_room.svelte.ts";

/** Asked when somebody has stopped typing for so long, in milliseconds. */
const ASKED_AFTER_MS = 200;

export class People {
  /** A part of the name. */
  q = $state("");
  found = $state.raw<readonly ParticipantView[]>([]);
  /** Whether there was an answer. */
  ready = $state(false);
  busy = $state(false);
  failed = $state(false);
  #cursor = $state<string | null>(null);
  #asking = new AbortController();
  readonly #room: CockpitRoom;

  constructor(room: CockpitRoom) {
    this.#room = room;
    let first = true;
    $effect(() => {
      void this.q;
      const timer = setTimeout(() => void this.#ask(null), first ? 0 : ASKED_AFTER_MS);
      first = false;
      return () => clearTimeout(timer);
    });
    $effect(() => () => this.#asking.abort());
  }

  get more(): boolean {
    return this.#cursor !== null;
  }

  /** Asks once more for what could not be had. */
  again(): void {
    void this.#ask(null);
  }

  /** The next page. */
  next(): void {
    if (this.#cursor !== null && !this.busy) void this.#ask(this.#cursor);
  }

  async #ask(cursor: string | null): Promise<void> {
    this.#asking.abort();
    const asking = (this.#asking = new AbortController());
    const query = new URLSearchParams({ q: this.q.trim(), ...(cursor === null ? {} : { cursor }) });
    this.busy = true;
    try {
      const path = `/api/shows/${this.#room.show_id}/participants?${query.toString()}`;
      const page = await this.#room.api.get<ParticipantPage>(path, asking.signal);
      this.found = cursor === null ? page.items : [...this.found, ...page.items];
      this.#cursor = page.next_cursor ?? null;
      this.ready = true;
      this.failed = false;
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof ApiProblem || error instanceof TypeError)) throw error;
      this.failed = true;
    } finally {
      if (asking === this.#asking) this.busy = false;
    }
  }
}
