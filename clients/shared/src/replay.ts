/**
 * A finished show, played again from its log.
 *
 * The same `applyMessage` as in a live room moves the state, so the same components show it. What
 * is not in the log (tallies under way, reactions, head counts) is not in a replay either.
 */
import { applyMessage } from "./room_messages.ts";
import { fromSnapshot, type RoomState } from "./room_state.ts";
import type { ReplayHeader, ReplayMark, ReplayPage, ReplayState } from "./http.ts";
import type { EventMessage, You } from "./wire.ts";

/** So many events ahead of what is shown are held, so that playing does not wait for them. */
const AHEAD = 200;

/** Whoever watches: nobody in particular. */
const WATCHER: You = {
  participant_id: "",
  role: "fan",
  can: [],
  display_name: "",
  guest: true,
  admitted: true,
  ballots: [],
  upvotes: [],
  ratings: {},
  muted_until: null,
  display: null,
  held: [],
};

export interface ReplaySource {
  /** Events after one; the header comes with the very first page. */
  page(after_seq: number): Promise<ReplayPage>;
  /** The room at an event, or at a moment. */
  state(at: { seq: number } | { at: string }): Promise<ReplayState>;
}

export class Replayer {
  readonly header: ReplayHeader;
  readonly begins_ms: number;
  readonly ends_ms: number;
  readonly #source: ReplaySource;
  #state: RoomState;
  #events: readonly EventMessage[] = [];
  #next_after_seq: number | null;
  #position_ms: number;
  #fetching: Promise<void> | null = null;
  /** Which jump is the newest: an older one that still waits gives up. */
  #jump = 0;

  private constructor(source: ReplaySource, header: ReplayHeader, state: ReplayState) {
    this.#source = source;
    this.header = header;
    this.begins_ms = Date.parse(header.first_at ?? header.show.starts_at);
    this.ends_ms = Math.max(this.begins_ms, Date.parse(header.last_at ?? header.show.starts_at));
    this.#position_ms = this.begins_ms;
    this.#state = stateOf(header, state);
    this.#next_after_seq = state.seq;
  }

  /** Opens a show's log; `null` if there is nothing in it. */
  static async open(source: ReplaySource): Promise<Replayer | null> {
    const { header } = await source.page(0);
    if (header === null || header.first_seq === 0) return null;
    const replayer = new Replayer(source, header, await source.state({ seq: header.first_seq }));
    await replayer.#fetch();
    return replayer;
  }

  get state(): RoomState {
    return this.#state;
  }

  /** The moment that is shown, in milliseconds since 1970. */
  get position_ms(): number {
    return this.#position_ms;
  }

  get ended(): boolean {
    return this.#position_ms >= this.ends_ms;
  }

  /** Goes on by so much of the night's time. Waits in place for what has not been fetched. */
  advance(by_ms: number): void {
    const to_ms = Math.min(this.ends_ms, this.#position_ms + by_ms);
    if (this.#events.length < AHEAD) void this.#fetch().catch(() => undefined);
    const until_ms = this.#next_after_seq === null ? to_ms : Math.min(to_ms, this.#known_ms());
    this.#apply(until_ms);
    this.#position_ms = Math.max(this.#position_ms, until_ms);
  }

  /** Jumps to a moment. @throws what fetching throws; the moment is then the old one */
  async seek(to_ms: number): Promise<void> {
    const jump = ++this.#jump;
    const target_ms = Math.max(this.begins_ms, Math.min(this.ends_ms, to_ms));
    const near = target_ms >= this.#position_ms && (this.#next_after_seq === null || target_ms <= this.#known_ms());
    if (near) {
      this.#apply(target_ms);
      this.#position_ms = target_ms;
      return;
    }
    // The log's times are finer than a millisecond: whatever began in this one is meant as well.
    const at = new Date(target_ms).toISOString().replace("Z", "999Z");
    const state = await this.#source.state({ at });
    if (jump !== this.#jump) return;
    this.#state = stateOf(this.header, state);
    this.#position_ms = target_ms;
    this.#events = [];
    this.#next_after_seq = state.seq;
    this.#fetching = null;
    await this.#fetch();
  }

  /** The mark after the moment that is shown, or the one before it. */
  mark(direction: 1 | -1): ReplayMark | undefined {
    const { marks } = this.header;
    const at = (mark: ReplayMark): number => Date.parse(mark.at);
    return direction > 0
      ? marks.find((mark) => at(mark) > this.#position_ms)
      : marks.findLast((mark) => at(mark) < this.#position_ms - 1_000);
  }

  /** Up to when everything that happened is held. */
  #known_ms(): number {
    const last = this.#events.at(-1);
    return last === undefined ? this.#position_ms : Date.parse(last.at);
  }

  #apply(until_ms: number): void {
    let done = 0;
    for (const event of this.#events) {
      if (Date.parse(event.at) > until_ms) break;
      // What was taken out of the chat leaves gaps, which are none here.
      this.#state = applyMessage({ ...this.#state, seq: event.seq - 1 }, event);
      done += 1;
    }
    if (done) this.#events = this.#events.slice(done);
  }

  #fetch(): Promise<void> {
    const after_seq = this.#next_after_seq;
    if (after_seq === null) return Promise.resolve();
    if (this.#fetching !== null) return this.#fetching;
    const jump = this.#jump;
    const fetching = this.#source
      .page(after_seq)
      .then((page) => {
        if (jump !== this.#jump) return;
        this.#events = [...this.#events, ...page.events];
        this.#next_after_seq = page.next_after_seq;
      })
      .finally(() => {
        if (this.#fetching === fetching) this.#fetching = null;
      });
    this.#fetching = fetching;
    return fetching;
  }
}

function stateOf(header: ReplayHeader, { seq, state }: ReplayState): RoomState {
  return fromSnapshot({ epoch: header.epoch, seq, you: WATCHER }, state);
}
