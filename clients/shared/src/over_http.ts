/** The ways to a room without a socket: fetched where sockets are blocked, and only there. */
import type { HttpRoom } from "./over_http/calls.ts";
import { PollTransport } from "./over_http/poll_transport.ts";
import { StreamTransport } from "./over_http/stream_transport.ts";
import type { Place, Transport, TransportEvents } from "./transport.ts";

export type { HttpRoom, Request } from "./over_http/calls.ts";

/** A way to the room that is not a socket. */
export function transportOverHttp(
  way: "stream" | "poll",
  room: HttpRoom,
  place: Place | null,
  events: TransportEvents,
): Transport {
  return way === "stream"
    ? new StreamTransport(room, place, events)
    : new PollTransport(room, place, events);
}
