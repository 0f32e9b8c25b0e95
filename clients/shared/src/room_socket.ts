/**
 * One socket for both: what the stock `WebsocketProvider` takes for a WebSocket.
 *
 * The provider makes one whenever it wants to connect, and speaks binary Yjs over it. This class
 * first waits and fetches a ticket, then opens the real socket with the room's subprotocol, hands
 * the text frames to the room's client and the binary ones to the provider.
 */

import { frameKind, type FrameKind } from "./frames.ts";

/** What a room's client gives to its sockets and hears from them. */
export interface SocketLink {
  /** Opens the real socket, after whatever has to be done before. Rejecting means: not now. */
  open(signal: AbortSignal): Promise<WebSocket>;
  opened(): void;
  text(frame: string): void;
  /** A binary frame is about to be sent. */
  sending(kind: FrameKind): void;
  closed(code: number, reason: string): void;
}

/** Code for a socket that never came to be (RFC 6455 §7.1.5). */
const NEVER_OPENED = 1006;

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
  #socket: WebSocket | null = null;
  #over = false;
  #sentStep2 = false;

  constructor(link: SocketLink) {
    this.#link = link;
    void this.#start();
  }

  get readyState(): number {
    if (this.#over) return this.CLOSED;
    return this.#socket?.readyState ?? this.CONNECTING;
  }

  send(data: Uint8Array<ArrayBuffer> | string): void {
    if (typeof data !== "string") {
      const kind = frameKind(data);
      // Until the server has what was edited offline, an update on top of it would leave a gap
      // in our clock. The sync step 2 to come holds it.
      if (kind === "update" && !this.#sentStep2) return;
      if (kind === "sync_step_2") this.#sentStep2 = true;
      this.#link.sending(kind);
    }
    this.#socket?.send(data);
  }

  close(code?: number, reason?: string): void {
    if (this.#over) return;
    this.#abort.abort();
    this.#socket?.close(code, reason);
    this.#finish(NEVER_OPENED, "");
  }

  async #start(): Promise<void> {
    let socket: WebSocket;
    try {
      socket = await this.#link.open(this.#abort.signal);
    } catch {
      this.#finish(NEVER_OPENED, "");
      return;
    }
    if (this.#over) {
      socket.close();
      return;
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = (event) => {
      if (this.#over) return;
      this.#link.opened();
      this.onopen?.(event);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.#over) return;
      if (typeof event.data === "string") this.#link.text(event.data);
      else this.onmessage?.(event);
    };
    socket.onerror = (event) => {
      if (!this.#over) this.onerror?.(event);
    };
    socket.onclose = (event) => {
      this.#finish(event.code, event.reason);
    };
  }

  #finish(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#link.closed(code, reason);
    this.onclose?.({ code, reason } as CloseEvent);
  }
}
