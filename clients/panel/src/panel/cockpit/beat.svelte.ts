/** The pulse of the last minute: what the state says, second by second. */
import type { Pulse } from "@setroom/shared";

/** Seconds shown. */
export const BEATS = 60;

export class Beat {
  /** Votes a second, the oldest first. */
  votes = $state.raw<readonly number[]>([]);

  /** Notes the newest value once a second; returns what ends that. */
  start(newest: () => Pulse | null): () => void {
    const timer = setInterval(() => {
      // The state is sent when it changes: in between it is what it was.
      this.votes = [...this.votes, newest()?.votes_per_s ?? 0].slice(-BEATS);
    }, 1000);
    return () => clearInterval(timer);
  }
}
