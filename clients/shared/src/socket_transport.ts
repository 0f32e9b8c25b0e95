/** The room over a WebSocket (docs/protocol.md): messages are text frames, Yjs binary ones. */
import { BROKE_OFF, type Transport, type TransportEvents } from "./transport.ts";
import type { CommandMessage, ServerMessage } from "./wire.ts";

/** Speaks over a socket that is being opened. */
export class SocketTransport implements Transport {
  readonly way = "socket";
  readonly #socket: WebSocket;
  readonly #events: TransportEvents;
  #over = false;

  constructor(socket: WebSocket, events: TransportEvents) {
    this.#socket = socket;
    this.#events = events;
  }

  start(): void {
    const socket = this.#socket;
    const events = this.#events;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (!this.#over) events.opened();
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#over) return;
      if (typeof data === "string") events.message(JSON.parse(data) as ServerMessage);
      else events.frame(new Uint8Array(data));
    };
    // A close event follows every error.
    socket.onerror = () => undefined;
    socket.onclose = ({ code, reason }) => {
      if (this.#over) return;
      this.#over = true;
      events.closed(code || BROKE_OFF, reason);
    };
  }

  command(message: CommandMessage): void {
    this.#send(JSON.stringify(message));
  }

  frame(frame: Uint8Array): void {
    this.#send(frame as Uint8Array<ArrayBuffer>);
  }

  close(): void {
    this.#over = true;
    this.#socket.close();
  }

  #send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === 1) this.#socket.send(data);
  }
}
