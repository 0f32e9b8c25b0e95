/**
 * By which way a room is reached next: a socket, and where that is blocked a stream, and where
 * that is held back a poll. Pure: what happened goes in, the way to try comes out.
 *
 * A way is only given up while HTTP works, since without a network none of them would. It is
 * given up by strikes: a socket that never gets to its welcome is blocked (a proxy, a hotel's
 * network), a stream without one is held back by something that waits for its end.
 */
import type { Way } from "./connection.ts";
import {
  SHORT_LIFE_MS,
  STEADY_LIFE_MS,
  WAY_KEPT_MS,
  WAY_PROBE_FIRST_MS,
  WAY_PROBE_MAX_MS,
} from "./limits.ts";
import { readJson, writeJson, type KeyValueStorage } from "./storage.ts";

/**
 * How a connection ended.
 *
 * - `unreached`: no welcome, though HTTP works.
 * - `held`: what was said came late or not at all.
 * - `broke`: without a word, after it had worked.
 * - `ended`: with the server's reason, or because the page wanted it.
 */
export type End = "unreached" | "held" | "broke" | "ended";

const STRIKES_MAX = 6;
const STRIKES: Readonly<Record<Way, Readonly<Record<End, number>>>> = {
  socket: { unreached: 3, held: 0, broke: 2, ended: 0 },
  stream: { unreached: 6, held: 3, broke: 2, ended: 0 },
  poll: { unreached: 0, held: 0, broke: 0, ended: 0 },
};
const NEXT: Readonly<Record<Way, Way>> = { socket: "stream", stream: "poll", poll: "poll" };

interface Kept {
  way: Way;
  at_ms: number;
}

const KEY = "setroom:way";

export class Ways {
  #way: Way = "socket";
  #strikes = 0;
  #probes = 0;
  readonly #storage: KeyValueStorage;
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(storage: KeyValueStorage, now: () => number, random: () => number) {
    this.#storage = storage;
    this.#now = now;
    this.#random = random;
    // The next page in the same hotel need not find out again. The socket is still tried soon.
    const kept = readJson<Kept | null>(storage, KEY, isKept, null);
    const age_ms = kept === null ? 0 : now() - kept.at_ms;
    if (kept !== null && age_ms >= 0 && age_ms < WAY_KEPT_MS) this.#way = kept.way;
  }

  /** The way to try next. */
  get way(): Way {
    return this.#way;
  }

  /** A connection by the current way ended after `lived_ms` of being welcome. */
  ended(end: End, lived_ms: number): void {
    if (lived_ms >= STEADY_LIFE_MS) this.#strikes = 0;
    // What broke off after a while was the network, not the way.
    if (end === "broke" && lived_ms >= SHORT_LIFE_MS) return;
    this.#strikes += STRIKES[this.#way][end];
    if (this.#strikes >= STRIKES_MAX) this.#take(NEXT[this.#way]);
  }

  /** Milliseconds until a socket is worth another look: longer each time, never all at once. */
  nextProbe(): number {
    const delay_ms = Math.min(WAY_PROBE_MAX_MS, WAY_PROBE_FIRST_MS * 2 ** this.#probes);
    return Math.round(delay_ms * (0.75 + 0.5 * this.#random()));
  }

  /** A socket was looked for beside the current way, in vain. */
  socketFailed(): void {
    this.#probes += 1;
  }

  /** The network may be another one: look soon again. */
  networkChanged(): void {
    this.#probes = 0;
  }

  /** A socket was welcomed beside the current way. */
  socketWorks(): void {
    this.#probes = 0;
    this.#take("socket");
  }

  #take(way: Way): void {
    this.#strikes = 0;
    if (way === this.#way) return;
    this.#way = way;
    writeJson(this.#storage, KEY, way === "socket" ? null : { way, at_ms: this.#now() });
  }
}

function isKept(value: unknown): value is Kept | null {
  if (value === null) return true;
  if (typeof value !== "object" || !("way" in value) || !("at_ms" in value)) return false;
  return (value.way === "stream" || value.way === "poll") && typeof value.at_ms === "number";
}
