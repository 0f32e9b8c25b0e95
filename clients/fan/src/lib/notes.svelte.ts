/** Parts of the page that come later than the page: where they stand is known at once. */
import type { Component } from "svelte";
import type { Room } from "./room.svelte.ts";

class Notes {
  /** What there is to say about the connection beyond the first words. */
  Note = $state.raw<Component<{ room: Room }> | null>(null);
}

export const notes = new Notes();
