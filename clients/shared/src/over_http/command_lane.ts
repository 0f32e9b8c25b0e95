/** Commands by `POST …/commands`: one after the other, answered as a socket answers them. */
import { BROKE_OFF, type TransportEvents } from "../transport.ts";
import type { Ack, CommandMessage } from "../wire.ts";
import { call, isOurs, type HttpRoom } from "./calls.ts";
import { endOf, readProblem } from "./problems.ts";

export class CommandLane {
  readonly #room: HttpRoom;
  readonly #events: TransportEvents;
  readonly #signal: AbortSignal;
  readonly #end: (code: number, reason: string) => void;
  readonly #acknowledged: (seq: number) => void;
  #said: Promise<void> = Promise.resolve();

  constructor(
    room: HttpRoom,
    events: TransportEvents,
    signal: AbortSignal,
    end: (code: number, reason: string) => void,
    acknowledged: (seq: number) => void,
  ) {
    this.#room = room;
    this.#events = events;
    this.#signal = signal;
    this.#end = end;
    this.#acknowledged = acknowledged;
  }

  /** In the order of saying: of two votes the later one counts. */
  say(message: CommandMessage): void {
    this.#said = this.#said.then(() => this.#post(message));
  }

  async #post({ command_id, name, args }: CommandMessage): Promise<void> {
    if (this.#signal.aborted) return;
    try {
      const body = { command_id, name, args };
      const response = await call(this.#room, "POST", "/commands", body, this.#signal);
      if (response.ok) {
        if (!isOurs(response)) throw new TypeError("not the server's answer");
        const ack = (await response.json()) as Ack;
        this.#hear(() => this.#events.message({ ...ack, t: "ack" }));
        this.#acknowledged(ack.seq);
        return;
      }
      const problem = await readProblem(response);
      if (problem.status === 401) {
        this.#end(...endOf(problem));
        return;
      }
      const { code, detail, retryable, retry_after_s, meanwhile } = problem;
      this.#hear(() =>
        this.#events.message({
          t: "reject",
          command_id,
          code: code || "unavailable",
          detail,
          retryable,
          retry_after_s: retry_after_s ?? (retryable ? 2 : null),
          meanwhile,
        }),
      );
    } catch {
      // Whether it was done is not known: it is said again by the next connection.
      this.#hear(() => this.#end(BROKE_OFF, ""));
    }
  }

  #hear(tell: () => void): void {
    if (!this.#signal.aborted) tell();
  }
}
