/**
 * One way to a room: it carries room messages and the document's frames, both directions.
 *
 * A transport is opened once, used, and closed once. It never comes back by itself: the link
 * decides when and by which way the next one is opened.
 */
import type { Way } from "./connection.ts";
import type { CommandMessage, ServerMessage } from "./wire.ts";

/** Where a client stands in the log. */
export interface Place {
  seq: number;
  epoch: string;
}

/** What an open transport tells. Nothing comes after `closed`. */
export interface TransportEvents {
  /** Frames and commands can be given to it from now on. */
  opened(): void;
  message(message: ServerMessage): void;
  /** A frame of the y-websocket protocol. */
  frame(frame: Uint8Array): void;
  /** Something came that says nothing but that the connection lives. */
  alive(): void;
  /** A socket's close code and reason; 1006: it broke off, or never came to be. */
  closed(code: number, reason: string): void;
}

export interface Transport {
  readonly way: Way;
  /** Begins; until then nothing is told. Called once. */
  start(): void;
  /** Says a command. Its `ack` or `reject` comes as a message, unless the transport ends first. */
  command(message: CommandMessage): void;
  /** Sends a frame of the y-websocket protocol. What a way cannot carry is dropped. */
  frame(frame: Uint8Array): void;
  /** Ends it at once; `closed` is not called. */
  close(): void;
}

/** Code of a connection that broke off without a word (RFC 6455 section 7.1.5). */
export const BROKE_OFF = 1006;
