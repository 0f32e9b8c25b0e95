/** What a stream and a poll have in common: the way up, the document, and one end. */
import type { Way } from "../connection.ts";
import { STREAM_LATE_MS } from "../limits.ts";
import { BROKE_OFF, type Place, type Transport, type TransportEvents } from "../transport.ts";
import type { CommandMessage, ServerMessage } from "../wire.ts";
import type { HttpRoom } from "./calls.ts";
import { CommandLane } from "./command_lane.ts";
import { DocumentLane } from "./document_lane.ts";

/** The reason of an end because what was said came late; for the choice of the next way. */
export const HELD_BACK = "held_back";

export abstract class HttpTransport implements Transport {
  abstract readonly way: Way;
  abstract start(): void;
  protected readonly room: HttpRoom;
  protected readonly events: TransportEvents;
  /** Where the client stands in the log. */
  protected place: Place | null;
  readonly #abort = new AbortController();
  readonly #commands: CommandLane;
  readonly #document: DocumentLane;
  readonly #late = new Set<ReturnType<typeof setTimeout>>();

  constructor(room: HttpRoom, place: Place | null, events: TransportEvents) {
    this.room = room;
    this.place = place;
    this.events = events;
    const end = (code: number, reason: string): void => this.end(code, reason);
    const { signal } = this.#abort;
    this.#document = new DocumentLane(room, events, signal, end);
    this.#commands = new CommandLane(room, events, signal, end, (seq) => this.#expect(seq));
  }

  protected get signal(): AbortSignal {
    return this.#abort.signal;
  }

  command(message: CommandMessage): void {
    this.#commands.say(message);
  }

  frame(frame: Uint8Array): void {
    this.#document.frame(frame);
  }

  close(): void {
    for (const timer of this.#late) clearTimeout(timer);
    this.#abort.abort();
  }

  /** Ends with a socket's close code. */
  protected end(code: number, reason: string): void {
    if (this.signal.aborted) return;
    this.close();
    this.events.closed(code, reason);
  }

  /** A message from the room. */
  protected hear(message: ServerMessage): void {
    if (this.signal.aborted) return;
    if (message.t === "event") {
      this.place = { seq: message.seq, epoch: this.place?.epoch ?? "" };
      if (message.name === "setlist_changed") this.#document.pull();
    }
    this.events.message(message);
  }

  /** What the server did must be heard of soon, or the way down is held back. */
  #expect(seq: number): void {
    if ((this.place?.seq ?? 0) >= seq || this.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      if ((this.place?.seq ?? 0) < seq) this.end(BROKE_OFF, HELD_BACK);
    }, STREAM_LATE_MS);
    this.#late.add(timer);
  }
}
