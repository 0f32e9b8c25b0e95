/** Which parts of the cockpit are in front; several of them may change it. */

export type Pane = "rounds" | "list" | "wishes" | "talk";
export type DeskPart = "live" | "check" | "people" | "words";

class Desk {
  pane = $state<Pane>("rounds");
  /** The part of the talk. */
  part = $state<DeskPart>("live");
}

export const desk = new Desk();
