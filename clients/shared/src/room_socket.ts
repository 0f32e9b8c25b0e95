/**
 * What the stock `WebsocketProvider` takes for a WebSocket: one transport, whichever it is.
 *
 * The provider makes one whenever it wants to connect, and speaks binary Yjs over it. This class
 * first waits for what the link has to do before, then hands the room's messages to the link and
 * the document's frames to the provider.
 */
import { frameKind, type FrameKind } from "./frames.ts";
import { BROKE_OFF, type Transport, type TransportEvents } from "./transport.ts";
import type { CommandMessage, ServerMessage } from "./wire.ts";

/** What a room's link gives to its sockets and hears from them. */
export interface SocketLink {
  /** Opens a transport, after whatever has to be done before. Rejecting means: not now. */
  open(events: TransportEvents, signal: AbortSignal): Promise<Transport>;
  opened(): void;
  message(message: ServerMessage): void;
  alive(): void;
  /** A binary frame is about to be sent. */
  sending(kind: FrameKind): void;
  closed(code: number, reason: string): void;
}

type Handler<Event> = ((event: Event) => void) | null;

export class RoomSocket {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  binaryType: BinaryType = "arraybuffer";
  onopen: Handler<Event> = null;
  onmessage: Handler<MessageEvent> = null;
  onclose: Handler<CloseEvent> = null;
  onerror: Handler<Event> = null;
  readonly #link: SocketLink;
  readonly #abort = new AbortController();
  #transport: Transport | null = null;
  #open = false;
  #over = false;
  #sentStep2 = false;

  constructor(link: SocketLink) {
    this.#link = link;
    void this.#start();
  }

  get readyState(): number {
    return this.#over ? this.CLOSED : this.#open ? this.OPEN : this.CONNECTING;
  }

  /** A binary frame from the provider. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    const kind = frameKind(frame);
    // Until the server has what was edited offline, an update on top of it would leave a gap
    // in our clock. The sync step 2 to come holds it.
    if (kind === "update" && !this.#sentStep2) return;
    if (kind === "sync_step_2") this.#sentStep2 = true;
    this.#link.sending(kind);
    this.#transport?.frame(frame);
  }

  command(message: CommandMessage): void {
    this.#transport?.command(message);
  }

  close(): void {
    if (this.#over) return;
    this.#abort.abort();
    this.#transport?.close();
    this.#finish(BROKE_OFF, "");
  }

  async #start(): Promise<void> {
    const events: TransportEvents = {
      opened: () => {
        if (this.#over) return;
        this.#open = true;
        this.#link.opened();
        this.onopen?.({} as Event);
      },
      message: (message) => {
        if (!this.#over) this.#link.message(message);
      },
      frame: (frame) => {
        if (!this.#over) this.onmessage?.({ data: frame } as MessageEvent);
      },
      alive: () => {
        if (!this.#over) this.#link.alive();
      },
      closed: (code, reason) => this.#finish(code, reason),
    };
    try {
      const transport = await this.#link.open(events, this.#abort.signal);
      if (this.#over) {
        transport.close();
        return;
      }
      this.#transport = transport;
      transport.start();
    } catch {
      this.#finish(BROKE_OFF, "");
    }
  }

  #finish(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#link.closed(code, reason);
    this.onclose?.({ code, reason } as CloseEvent);
  }
}
