/** Names for parts of what the server tells of messages. */
import type { BroadcastView } from "@setroom/shared";

/** What crew sends; the server sends the other kinds itself. */
export type BroadcastKind = BroadcastView["kind"];

/** What may be done with a broadcast. */
export type BroadcastDeed = BroadcastView["can"][number];
