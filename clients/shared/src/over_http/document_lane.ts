/**
 * The setlist document over `GET …/setlist/document` and `POST …/setlist/updates`.
 *
 * It answers the provider's frames as a server at a socket would: a sync step 1 with what this
 * document lacks and a step 1 of the server's, updates with `setlist_saved` and
 * `setlist_refused`. Updates go one after the other, because each builds on those before it.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from "y-protocols/sync";
import { frameKind } from "../frames.ts";
import { uuidv7 } from "../ids.ts";
import { POSTED_UPDATE_BYTES_MAX, PULL_PAUSE_MS } from "../limits.ts";
import { pause } from "../pause.ts";
import { BROKE_OFF, type TransportEvents } from "../transport.ts";
import { CLOSE_CODES } from "../wire.ts";
import { call, fromBase64, isOurs, toBase64, type HttpRoom } from "./calls.ts";
import { partsOf } from "./parts.ts";
import { endOf, readProblem } from "./problems.ts";

const SYNC = 0;
/** A sync step 2 with nothing in it: no structs, no deletes. */
const EMPTY_UPDATE_BYTES = 2;

interface DocumentAnswer {
  seq: number;
  update: string;
  state_vector: string;
}

interface UpdateAnswer {
  seq: number;
  refused: readonly { code: string; detail: string; entries: readonly string[] }[];
}

type End = (code: number, reason: string) => void;

export class DocumentLane {
  readonly #room: HttpRoom;
  readonly #events: TransportEvents;
  readonly #signal: AbortSignal;
  readonly #end: End;
  #updates: Promise<void> = Promise.resolve();
  /** Updates of this transport that are durable, in order. */
  #received = 0;
  #pulling: Promise<void> | null = null;
  #again = false;

  constructor(room: HttpRoom, events: TransportEvents, signal: AbortSignal, end: End) {
    this.#room = room;
    this.#events = events;
    this.#signal = signal;
    this.#end = end;
  }

  /** A frame from the provider. Who is editing (awareness) is for sockets alone. */
  frame(frame: Uint8Array): void {
    const kind = frameKind(frame);
    if (kind === "other") return;
    const decoder = decoding.createDecoder(frame);
    decoding.readVarUint(decoder);
    decoding.readVarUint(decoder);
    const body = decoding.readVarUint8Array(decoder);
    if (kind === "sync_step_1") {
      void this.#guarded(this.#answerStep1(body));
    } else {
      this.#updates = this.#updates.then(() => this.#guarded(this.#post(body)));
    }
  }

  /** The setlist changed: fetches what this document lacks. */
  pull(): void {
    if (this.#pulling !== null) {
      this.#again = true;
      return;
    }
    this.#pulling = this.#guarded(this.#pullNow()).finally(() => {
      this.#pulling = null;
      const again = this.#again;
      this.#again = false;
      if (again && !this.#signal.aborted) this.pull();
    });
  }

  async #guarded(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch {
      if (!this.#signal.aborted) this.#end(BROKE_OFF, "");
    }
  }

  async #answerStep1(state_vector: Uint8Array): Promise<void> {
    const answer = await this.#document(state_vector);
    if (answer === null) return;
    this.#tell(messageYjsSyncStep2, fromBase64(answer.update));
    this.#tell(messageYjsSyncStep1, fromBase64(answer.state_vector));
  }

  async #pullNow(): Promise<void> {
    await pause(PULL_PAUSE_MS, this.#signal);
    const answer = await this.#document(this.#room.document.stateVector());
    if (answer !== null) this.#tell(messageYjsUpdate, fromBase64(answer.update));
  }

  async #document(state_vector: Uint8Array): Promise<DocumentAnswer | null> {
    const path = `/setlist/document?state_vector=${encodeURIComponent(toBase64(state_vector))}`;
    const response = await call(this.#room, "GET", path, undefined, this.#signal);
    if (response.ok) {
      if (!isOurs(response)) throw new TypeError("not the server's answer");
      return (await response.json()) as DocumentAnswer;
    }
    this.#end(...endOf(await readProblem(response)));
    return null;
  }

  /** Says a frame's update, in parts where it is too large for one; saved with the last of them. */
  async #post(update: Uint8Array): Promise<void> {
    if (update.length <= EMPTY_UPDATE_BYTES) {
      this.#saved(0);
      return;
    }
    let parts: Uint8Array[];
    try {
      parts = partsOf(update, POSTED_UPDATE_BYTES_MAX);
    } catch {
      this.#end(CLOSE_CODES.too_large, "update too large");
      return;
    }
    let answer: UpdateAnswer | null = null;
    let refused = false;
    for (const part of parts) {
      answer = await this.#postPart(part);
      if (answer === null) return;
      const { seq } = answer;
      for (const refusal of answer.refused) this.#events.message({ t: "setlist_refused", seq, ...refusal });
      refused ||= answer.refused.length > 0;
    }
    this.#saved(answer?.seq ?? 0);
    if (refused) this.pull();
  }

  /** Says one update until it is answered; always under the same id, so it counts once. */
  async #postPart(update: Uint8Array): Promise<UpdateAnswer | null> {
    const body = { command_id: uuidv7(), update: toBase64(update) };
    for (let failures = 0; !this.#signal.aborted; failures += 1) {
      const response = await call(this.#room, "POST", "/setlist/updates", body, this.#signal);
      if (response.ok) {
        if (!isOurs(response)) throw new TypeError("not the server's answer");
        return (await response.json()) as UpdateAnswer;
      }
      const problem = await readProblem(response);
      if (!problem.retryable || failures >= 3) {
        this.#end(...endOf(problem));
        return null;
      }
      await pause((problem.retry_after_s ?? 2) * 1000 * (1 + this.#room.random() / 2), this.#signal);
    }
    return null;
  }

  #saved(seq: number): void {
    if (this.#signal.aborted) return;
    this.#received += 1;
    this.#events.message({ t: "setlist_saved", seq, received: this.#received });
  }

  #tell(kind: number, body: Uint8Array): void {
    if (this.#signal.aborted) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    encoding.writeVarUint(encoder, kind);
    encoding.writeVarUint8Array(encoder, body);
    this.#events.frame(encoding.toUint8Array(encoder));
  }
}
