import type { Room } from "./room.svelte.ts";

/** What the parts of the page know of a room: of the one under way, or of one played again. */
export type Stage = Pick<
  Room,
  | "add" | "command" | "connection" | "dismiss" | "edit" | "editable" | "enter" | "entering"
  | "entries" | "isCrew" | "justSaved" | "may" | "mayEdit" | "move" | "moveTo"
  | "notAdded" | "presence" | "putBack" | "now_ms" | "offset_ms" | "outbox" | "pending" | "react" | "refused" | "remove" | "session"
  | "show" | "state"
>;
