/** Background work as the server tells of it to those who run it. */

export type Priority = "urgent" | "normal" | "bulk";
export type Outcome = "done" | "retried" | "dead";
export type Reason = "failed" | "lost" | "malformed" | "unknown";

export interface QueueView {
  priority: Priority;
  waiting: number;
  running: number;
  later: number;
  oldest_s: number;
  done: number;
  retried: number;
  dead: number;
}

export interface JobsView {
  queues: readonly QueueView[];
  dead_letters: number;
}

export interface DeadLetterView {
  id: string;
  source: "job" | "effect";
  name: string;
  priority: Priority | null;
  reason: Reason;
  error: string;
  attempts: number;
  first_failed_at: string;
  last_failed_at: string;
  state: "dead" | "retried" | "discarded";
  can_retry: boolean;
  show_id: string | null;
  settled_at: string | null;
  what?: Readonly<Record<string, unknown>> | null;
}

export interface DeadLetterPage {
  items: readonly DeadLetterView[];
  next_cursor: string | null;
}
