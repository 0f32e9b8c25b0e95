/** What a close code asks of the client: one table, from docs/protocol.md. */
import { CLOSE_CODES } from "./wire.ts";

/**
 * - `again`: come back after the usual pause.
 * - `resume`: we were too slow; come back and take what was missed.
 * - `renew`: come back with a new ticket.
 * - `fresh`: come back with a fresh document; what was refused stays refused.
 * - `stay`: do not come back as you are.
 */
export type CloseAction = "again" | "resume" | "renew" | "fresh" | "stay";

export interface ClosePolicy {
  action: CloseAction;
  /** Why, as a key of the catalogue of texts. */
  reason: string;
  /** Seconds to wait at least. */
  wait_s: number;
}

const POLICIES: Readonly<Record<number, Omit<ClosePolicy, "wait_s">>> = {
  [CLOSE_CODES.restarting]: { action: "again", reason: "restarting" },
  [CLOSE_CODES.try_later]: { action: "again", reason: "busy" },
  [CLOSE_CODES.too_slow]: { action: "resume", reason: "too_slow" },
  [CLOSE_CODES.too_many]: { action: "stay", reason: "too_many" },
  [CLOSE_CODES.ticket_expired]: { action: "renew", reason: "ticket_expired" },
  [CLOSE_CODES.not_allowed]: { action: "fresh", reason: "not_allowed" },
  [CLOSE_CODES.no_such_room]: { action: "stay", reason: "no_such_room" },
  [CLOSE_CODES.removed]: { action: "stay", reason: "removed" },
  [CLOSE_CODES.too_large]: { action: "fresh", reason: "too_large" },
};

/** Whether the server itself closed, and not something between it and us. */
export function isServersWord(code: number): boolean {
  return code >= 4000 || code in POLICIES || code === CLOSE_CODES.going_away;
}

/** What to do after a socket closed with `code` and the server's `reason`. */
export function closePolicy(code: number, reason: string): ClosePolicy {
  const known = POLICIES[code];
  const wait_s = code === CLOSE_CODES.restarting ? secondsIn(reason) : 0;
  if (known !== undefined) return { ...known, wait_s };
  const final = code >= 4400 && code < 4500;
  return { action: final ? "stay" : "again", reason: final ? "refused" : "lost", wait_s };
}

/** The first number in a text: the spread that a restarting server gives to its clients. */
function secondsIn(reason: string): number {
  const found = /\d+(\.\d+)?/.exec(reason);
  return found === null ? 0 : Math.min(Number(found[0]), 60);
}
