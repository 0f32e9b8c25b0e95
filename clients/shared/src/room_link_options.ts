/** What a room's link is given, and what it tells. */
import type * as Y from "yjs";
import type { FrameKind } from "./frames.ts";
import type { Request } from "./over_http.ts";
import type { KeyValueStorage } from "./storage.ts";
import type { Place } from "./transport.ts";
import type { ServerMessage } from "./wire.ts";

export interface RoomLinkOptions {
  show_id: string;
  doc: Y.Doc;
  /** The socket's URL with a new ticket. @throws TicketRefused when it is no use to ask again. */
  ticketUrl: (signal: AbortSignal) => Promise<string>;
  /** Calls with the session's token, for where sockets are blocked; without it: sockets only. */
  request?: Request;
  storage: KeyValueStorage;
  openSocket?: (url: string, protocol: string) => WebSocket;
  random?: () => number;
  now?: () => number;
}

export interface RoomLinkEvents {
  /** Where the client stands in the log, if it may go on from there. */
  place(): Place | null;
  opened(): void;
  message(message: ServerMessage): void;
  sending(kind: FrameKind): void;
  lost(): void;
  change(): void;
  /** The server refused this document's updates. */
  documentRefused(): void;
}
