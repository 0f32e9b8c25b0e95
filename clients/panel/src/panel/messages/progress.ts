/** How far a broadcast is: its messages' states as the four that matter to whoever sent it. */
import type { BroadcastView, MessageState } from "@setroom/shared";

/** Messages by state; a state that none has may be missing. */
type Counts = Readonly<Partial<Record<MessageState, number>>>;

export interface Progress {
  total: number;
  /** Not given to the carrier yet. */
  waiting: number;
  /** Given to the carrier, which has not said what became of it. */
  under_way: number;
  delivered: number;
  failed: number;
  /** Never to be sent: who wants no more messages, or what was cancelled. */
  left_out: number;
}

const PART: Readonly<Record<MessageState, Exclude<keyof Progress, "total">>> = {
  scheduled: "waiting",
  queued: "waiting",
  sending: "under_way",
  sent: "under_way",
  unknown: "under_way",
  delivered: "delivered",
  failed: "failed",
  suppressed: "left_out",
  cancelled: "left_out",
};

/** Adds the states up. Before there are messages, all `recipients` wait. */
export function progressOf(counts: Counts, recipients = 0): Progress {
  const progress: Progress = { total: 0, waiting: 0, under_way: 0, delivered: 0, failed: 0, left_out: 0 };
  for (const [state, count] of Object.entries(counts)) {
    const part = PART[state as MessageState] as (typeof PART)[MessageState] | undefined;
    progress.total += count;
    if (part !== undefined) progress[part] += count;
  }
  if (progress.total === 0) progress.total = progress.waiting = recipients;
  return progress;
}

interface Going {
  state: BroadcastView["state"];
  counts: Counts;
  send_at: string;
}

/** A broadcast begins within this of its time, in milliseconds. */
const SOON_MS = 60_000;

/** Whether it begins at any moment. */
export function isDue({ send_at }: Pick<Going, "send_at">, now_ms = Date.now()): boolean {
  return Date.parse(send_at) - now_ms < SOON_MS;
}

/** Whether its numbers may still change, so that it is worth looking again. */
export function isUnderWay({ state, counts, send_at }: Going, now_ms = Date.now()): boolean {
  if (state === "sending") return true;
  if (state === "scheduled") return isDue({ send_at }, now_ms);
  // Carriers tell of deliveries for a while after the last one was sent.
  return state === "done" && progressOf(counts).under_way > 0;
}
