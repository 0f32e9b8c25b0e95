/** The room by asking again and again: each poll waits for news at the server. */
import { POLL_PAUSE_MS, POLL_SLACK_MS, POLL_WAIT_S } from "../limits.ts";
import { pause } from "../pause.ts";
import { BROKE_OFF } from "../transport.ts";
import type { EventMessage, RoomSnapshot, StateMessage, You } from "../wire.ts";
import { call, isOurs } from "./calls.ts";
import { HttpTransport } from "./http_transport.ts";
import { endOf, readProblem } from "./problems.ts";

interface PollAnswer {
  epoch: string;
  seq: number;
  recovered: boolean;
  cursor: string;
  events: readonly EventMessage[];
  states: readonly StateMessage[];
  you?: You | null;
  state?: RoomSnapshot | null;
}

/** While a poll waits for news, this often is its connection known to live, in milliseconds. */
const ALIVE_EVERY_MS = 10_000;

export class PollTransport extends HttpTransport {
  readonly way = "poll";
  #cursor: string | null = null;
  #welcomed = false;
  #alive: ReturnType<typeof setInterval> | undefined;

  override start(): void {
    this.#alive = setInterval(() => this.events.alive(), ALIVE_EVERY_MS);
    void this.#ask().catch(() => this.end(BROKE_OFF, ""));
  }

  override close(): void {
    clearInterval(this.#alive);
    super.close();
  }

  async #ask(): Promise<void> {
    for (let answers = 0; !this.signal.aborted; answers += 1) {
      // The first answer says whether this way works: it does not wait.
      const wait_s = answers === 0 ? 0 : POLL_WAIT_S;
      const path = `/poll?${this.#query(wait_s)}`;
      const began_ms = performance.now();
      const timeout_ms = wait_s * 1000 + POLL_SLACK_MS;
      const response = await call(this.room, "GET", path, undefined, this.signal, timeout_ms);
      if (!response.ok) {
        this.end(...endOf(await readProblem(response)));
        return;
      }
      if (!isOurs(response)) throw new TypeError("not the server's answer");
      const answer = (await response.json()) as PollAnswer;
      if (this.signal.aborted) return;
      if (answers === 0) this.events.opened();
      this.events.alive();
      this.#tell(answer);
      const rest_ms = POLL_PAUSE_MS - (performance.now() - began_ms);
      if (rest_ms > 0) await pause(rest_ms, this.signal);
    }
  }

  #query(wait_s: number): string {
    const query = new URLSearchParams({ wait_s: String(wait_s) });
    if (this.place !== null) {
      query.set("since", String(this.place.seq));
      query.set("epoch", this.place.epoch);
    }
    if (this.#cursor !== null) query.set("cursor", this.#cursor);
    return query.toString();
  }

  /** Says an answer in a socket's words. */
  #tell(answer: PollAnswer): void {
    const { epoch, seq, you, state } = answer;
    const first = { t: "welcome", protocol: 1, show_id: this.room.show_id, epoch, seq } as const;
    this.#cursor = answer.cursor;
    if (!answer.recovered && you && state) {
      this.place = { seq, epoch };
      this.#welcomed = true;
      this.hear({ ...first, you, recovered: false, state });
      return;
    }
    // `you` comes to somebody who has just come, and when their role has changed.
    if (you) {
      this.#welcomed = true;
      this.hear({ ...first, you, recovered: true, state: {} });
    } else if (!this.#welcomed) throw new TypeError("an answer without a beginning");
    for (const event of answer.events) this.hear(event);
    for (const message of answer.states) this.hear(message);
    this.place = { seq, epoch };
  }
}
