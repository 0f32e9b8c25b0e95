/** Which part of the room is in front: what several parts of the page may change. */
import { tick } from "svelte";

export type Tab = "room" | "requests" | "chat" | "crew";

class View {
  tab = $state<Tab>("room");
  /** Whose requests are shown: a round's, or `""` for the show's standing queue. */
  queue = $state("");
  /** Whether the setlist's past is shown, and of which entry only; `null`: not. */
  past = $state.raw<{ entry_id: string; title: string } | "all" | null>(null);
  readonly #scrolled: Partial<Record<Tab, number>> = {};

  /** Shows a part of the room where it was left. */
  async show(tab: Tab, queue?: string): Promise<void> {
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
