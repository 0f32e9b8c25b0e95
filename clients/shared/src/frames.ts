/** What the client must know of a binary frame (y-websocket protocol) without decoding it. */

const SYNC = 0;

export type FrameKind = "sync_step_1" | "sync_step_2" | "update" | "other";

const SYNC_KINDS: readonly FrameKind[] = ["sync_step_1", "sync_step_2", "update"];

/** The kind of a frame, from its first two bytes (both are varuints below 128). */
export function frameKind(frame: Uint8Array): FrameKind {
  if (frame[0] !== SYNC) return "other";
  return SYNC_KINDS[frame[1] ?? -1] ?? "other";
}
