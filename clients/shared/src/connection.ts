/** How the page stands with its room, as the person is told. */

/** By which way a room is heard, best first. */
export type Way = "socket" | "stream" | "poll";

export type Connection =
  | { kind: "connecting" }
  | { kind: "live"; way: Way }
  /** Connected, and taking what was missed. */
  | { kind: "behind"; way: Way }
  | { kind: "reconnecting"; reason: string; attempt: number }
  /** No network, or several attempts failed; it goes on trying. */
  | { kind: "offline"; reason: string }
  /** It does not come back as it is. */
  | { kind: "refused"; code: string; detail: string };
