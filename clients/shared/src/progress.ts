/**
 * Which of the own setlist edits are durable, entry by entry.
 *
 * The server counts the Yjs updates of a socket (sync step 2 and updates) and says how many of
 * the first ones are durable. So an edit has the number of the frame that carried it; an edit
 * that no frame of this socket has carried yet travels in its next sync step 2.
 */
import type { FrameKind } from "./frames.ts";
import { readJson, writeJson, type KeyValueStorage } from "./storage.ts";

export interface EntryRefusal {
  entry_id: string;
  code: string;
  detail: string;
}

/** `waiting`: not sent. `sent`: not durable yet. What is neither is durable. */
export type EntryProgress = "waiting" | "sent";

export class SetlistProgress {
  readonly #storage: KeyValueStorage;
  readonly #key: string;
  /** Entry → number of the frame that carried its newest edit; `null`: none has yet. */
  readonly #pending: Map<string, number | null>;
  /** Entries that the update now being written touches. */
  readonly #fresh = new Set<string>();
  readonly #refused = new Map<string, EntryRefusal>();
  #frames = 0;

  constructor(storage: KeyValueStorage, key: string) {
    this.#storage = storage;
    this.#key = key;
    this.#pending = new Map(readJson(storage, key, isIds, []).map((entry_id) => [entry_id, null]));
  }

  /** Progress of the entries that are not durable. */
  get pending(): ReadonlyMap<string, EntryProgress> {
    return new Map(
      Array.from(this.#pending, ([entry_id, frame]) => [entry_id, frame === null ? "waiting" : "sent"]),
    );
  }

  /** Entries whose last edit was repaired by the server, and why. */
  get refused(): ReadonlyMap<string, EntryRefusal> {
    return this.#refused;
  }

  /** The person edited entries; called before the update is sent. */
  edited(entry_ids: Iterable<string>): void {
    for (const entry_id of entry_ids) {
      this.#pending.set(entry_id, null);
      this.#fresh.add(entry_id);
      this.#refused.delete(entry_id);
    }
    this.#keep();
  }

  /** A socket opened: nothing of ours has gone over it. */
  opened(): void {
    this.#frames = 0;
    this.#fresh.clear();
    for (const entry_id of this.#pending.keys()) this.#pending.set(entry_id, null);
  }

  /** A binary frame was handed to the socket. */
  sent(kind: FrameKind): void {
    if (kind !== "update" && kind !== "sync_step_2") return;
    this.#frames += 1;
    for (const [entry_id, frame] of this.#pending) {
      // A sync step 2 holds whatever the server lacks; an update only what was just written.
      const carried = kind === "sync_step_2" ? frame === null : this.#fresh.has(entry_id);
      if (carried) this.#pending.set(entry_id, this.#frames);
    }
    this.#fresh.clear();
  }

  /** The update was written to the document and no socket took it. */
  settled(): void {
    this.#fresh.clear();
  }

  /** The first `received` frames of this socket are durable. */
  saved(received: number): void {
    for (const [entry_id, frame] of this.#pending) {
      if (frame !== null && frame <= received) this.#pending.delete(entry_id);
    }
    this.#keep();
  }

  /** The server repaired entries. */
  refuse(entry_ids: readonly string[], code: string, detail: string): void {
    for (const entry_id of entry_ids) this.#refused.set(entry_id, { entry_id, code, detail });
  }

  /** The person has read why. */
  dismiss(entry_id: string): void {
    this.#refused.delete(entry_id);
  }

  #keep(): void {
    writeJson(this.#storage, this.#key, this.#pending.size ? [...this.#pending.keys()] : null);
  }
}

function isIds(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
