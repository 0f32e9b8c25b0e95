/** Which part of the room is in front: what several parts of the page may change. */
import { painted } from "@setroom/shared/ui/pace.ts";
import { tick } from "svelte";

export type Tab = "room" | "requests" | "chat" | "crew";

class View {
  tab = $state<Tab>("room");
  /** Whose requests are shown: a round's, or `""` for the show's standing queue. */
  queue = $state("");
  /** Whether the setlist's past is shown, and of which entry only; `null`: not. */
  past = $state.raw<{ entry_id: string; title: string } | "all" | null>(null);
  /** Who locked the setlist, where that is known. */
  lockedBy = $state("");
  /** When the newest chat line was written that this person saw; `""`: none was yet. */
  readUpTo = $state("");
  readonly #scrolled: Partial<Record<Tab, number>> = {};

  /** The part that was asked for: its button answers before the part itself is there. */
  asked = $state<Tab>("room");

  /** Shows a part of the room where it was left. */
  async show(tab: Tab, queue?: string): Promise<void> {
    this.asked = tab;
    await painted();
    if (this.asked !== tab) return;
    this.#scrolled[this.tab] = scrollY;
    this.tab = tab;
    if (queue !== undefined) this.queue = queue;
    await tick();
    scrollTo({ top: this.#scrolled[tab] ?? 0, behavior: "instant" });
  }

  /** Brings something on the room's page into sight. */
  async reveal(id: string): Promise<void> {
    if (this.tab !== "room") await this.show("room");
    const element = document.getElementById(id);
    element?.closest("details")?.setAttribute("open", "");
    element?.scrollIntoView({ block: "center" });
    element?.focus({ preventScroll: true });
  }
}

export const view = new View();
