/** What of the setlist this person has in hand: opened, typed into, dragged, or with the focus. */
import { tick } from "svelte";

class Hands {
  /** Whose actions are shown. */
  open = $state<string | null>(null);
  /** Which song is typed into, and whether all of its fields are. */
  edited = $state.raw<{ entry_id: string; whole: boolean } | null>(null);
  /** Which song is asked where to go. */
  moving = $state<string | null>(null);
  dragged = $state<string | null>(null);
  focused = $state<string | null>(null);
  /** A row that is to be seen, wherever in a long list it is. */
  sought = $state<string | null>(null);
  /** What this person changed lately, and when, in milliseconds since 1970. */
  readonly changed = new Map<string, number>();

  /** What the others see this person at. */
  get at(): string | null {
    return this.edited?.entry_id ?? this.dragged ?? this.moving ?? this.open;
  }

  toggle(entry_id: string): void {
    this.open = this.open === entry_id ? null : entry_id;
    this.edited = null;
  }

  edit(entry_id: string, whole: boolean): void {
    this.edited = { entry_id, whole };
  }

  /** Brings a song's row into sight, and lets it glow for a moment. */
  async show(entry_id: string): Promise<void> {
    this.sought = entry_id;
    await tick();
    const row = document.getElementById(`entry-${entry_id}`);
    row?.scrollIntoView({ block: "center" });
    row?.classList.add("found");
    setTimeout(() => row?.classList.remove("found"), 1_600);
  }
}

export const hands = new Hands();
