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

/** What somebody has to know of a way that is not the best. */
export interface WayTraits {
  /** Whether it shows who is editing what. */
  editors: boolean;
  /** So much later than over a socket counts come, in seconds, at the most. */
  counts_later_s: number;
}

export const WAY_TRAITS: Readonly<Record<Way, WayTraits>> = {
  socket: { editors: true, counts_later_s: 0 },
  stream: { editors: false, counts_later_s: 0 },
  // A changed count ends a poll's wait after a second (docs/protocol.md), and the next begins.
  poll: { editors: false, counts_later_s: 2 },
};
