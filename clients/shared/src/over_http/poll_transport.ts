/** The room by asking again and again: each poll waits for news at the server. */
import { POLL_LONG_WAIT_S, POLL_PAUSE_MS, POLL_SLACK_MS, POLL_WAIT_S } from "../limits.ts";
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

/** The status of an answer that says so: the poll goes on from where it stands. */
const NOTHING_NEW = 204;

/** While a poll waits for news, this often is its connection known to live, in milliseconds. */
const ALIVE_EVERY_MS = 10_000;

/** Whether something on the way has cut a long wait: then nobody on this page waits long again. */
let cut = false;

export class PollTransport extends HttpTransport {
  readonly way = "poll";
  #cursor: string | null = null;
  #welcomed = false;
  #alive: ReturnType<typeof setInterval> | undefined;
  /** What a poll waits: longer once a wait has held to its end. */
  #wait_s = POLL_WAIT_S;

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
      const wait_s = answers === 0 ? 0 : this.#wait_s;
      const path = `/poll?${this.#query(wait_s)}`;
      const began_ms = performance.now();
      const timeout_ms = wait_s * 1000 + POLL_SLACK_MS;
      const response = await call(this.room, "GET", path, undefined, this.signal, timeout_ms)
        .catch((error: unknown) => {
          cut ||= this.#wasLong(began_ms);
          throw error;
        });
      if (!response.ok) {
        if (response.status >= 500) cut ||= this.#wasLong(began_ms);
        this.end(...endOf(await readProblem(response)));
        return;
      }
      const silent = response.status === NOTHING_NEW && this.#cursor !== null;
      if (!silent && !isOurs(response)) throw new TypeError("not the server's answer");
      const answer = silent ? null : ((await response.json()) as PollAnswer);
      if (this.signal.aborted) return;
      if (answers === 0) this.events.opened();
      this.events.alive();
      if (answer !== null) this.#tell(answer);
      const held = wait_s > 0 && performance.now() - began_ms >= wait_s * 1000;
      if (held && !cut) this.#wait_s = POLL_LONG_WAIT_S;
      const rest_ms = POLL_PAUSE_MS - (performance.now() - began_ms);
      if (rest_ms > 0) await pause(rest_ms, this.signal);
    }
  }

  /** Whether a poll that went wrong had waited for longer than is always safe. */
  #wasLong(began_ms: number): boolean {
    return !this.signal.aborted && performance.now() - began_ms > (POLL_WAIT_S + 1) * 1000;
  }

  /** Briefly where that says it all: at rest a poll is what a room costs. */
  #query(wait_s: number): string {
    if (this.place !== null && this.#cursor?.startsWith(`${String(this.place.seq)}.`)) {
      return `at=${encodeURIComponent(`${this.place.epoch}.${this.#cursor}`)}&wait_s=${String(wait_s)}`;
    }
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
