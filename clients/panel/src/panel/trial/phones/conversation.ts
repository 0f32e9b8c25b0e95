/** One phone's texts as they stand on it: in order, each once, with what is still being sent. */
import type { PhoneMessageView } from "@setroom/shared";

/** A text that is on its way from the phone to the server. `failed`: it did not get there. */
export interface Outgoing {
  id: string;
  body: string;
  at: string;
  failed: boolean;
}

/** The newest state of every text, in order of their making. */
export function merged(
  known: readonly PhoneMessageView[],
  news: readonly PhoneMessageView[],
): readonly PhoneMessageView[] {
  if (news.length === 0) return known;
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of news) {
    const before = byId.get(message.id);
    if (before === undefined || RANK[message.status] >= RANK[before.status]) byId.set(message.id, message);
  }
  return [...byId.values()].toSorted(
    (one, other) => one.created_at.localeCompare(other.created_at) || one.id.localeCompare(other.id),
  );
}

/** Statuses only go on: an answer and a look at the changes may overtake each other. */
const RANK = { received: 0, queued: 1, sent: 2, delivered: 3, undelivered: 3 } as const;

/** Texts that came to the phone and were not there before. */
export function arrived(
  before: readonly PhoneMessageView[],
  after: readonly PhoneMessageView[],
): readonly PhoneMessageView[] {
  const known = new Set(before.map(({ id }) => id));
  return after.filter(({ id, direction }) => direction !== "inbound" && !known.has(id));
}

export type Tick =
  | "received" | "queued" | "sent" | "delivered" | "undelivered" | "unreachable" | "unknown" | "no_answer" | "not_twiml";

const BY_ERROR: Readonly<Record<number, Tick>> = {
  11200: "no_answer",
  12100: "not_twiml",
  30003: "unreachable",
  30005: "unknown",
};

/** How a text stands, in one word. */
export function tickOf({ status, error_code }: PhoneMessageView): Tick {
  return (error_code === null ? undefined : BY_ERROR[error_code]) ?? status;
}

/** Whether something went wrong with a text. */
export function isTrouble(tick: Tick): boolean {
  return !["received", "queued", "sent", "delivered"].includes(tick);
}
