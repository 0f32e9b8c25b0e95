/** How the votes of an open round come about, looked at now and then while it is driven. */
import { holdNewcomers, releaseVotes, scrutiny, type Scrutiny, type VoterKind, type VoterKindCount } from "@setroom/shared/crew_calls";
import type { CockpitRoom } from "../cockpit_room.svelte.ts";

/** Between two looks, in milliseconds: a look reads every ballot of the round. */
export const NOW_AND_THEN_MS = 15_000;
/** The same, while somebody has them open. */
export const CLOSELY_MS = 4_000;

/** Ballots on each side, below which the server compares nothing. */
export const SAMPLE_MIN = 30;
/** Of a suspected option, fewer that still count change nothing. */
const COUNTING_MIN = 10;
/** So many newcomers within seconds are worth a word. */
const BURST_MIN = 20;

export type Suspicion = Scrutiny["suspected"][number];

export class Watch {
  now = $state.raw<Scrutiny | null>(null);
  /** Looks so far that were answered: who shows the held ballots reads them again. */
  looks = $state(0);
  /** What somebody at this device has looked at and found to be fine, by option: so many voters. */
  #fine = $state.raw<ReadonlyMap<string, number>>(new Map());
  readonly #room: CockpitRoom;
  readonly #round_id: string;

  constructor(room: CockpitRoom, round_id: string) {
    this.#room = room;
    this.#round_id = round_id;
  }

  /** Options that stand out, and of whose votes enough still count to be worth a word. */
  get suspected(): readonly Suspicion[] {
    const held = this.of("newcomer")?.held_options ?? {};
    return (this.now?.suspected ?? []).filter(({ option_id, newcomers }) => {
      const counting = newcomers - (held[option_id] ?? 0);
      return counting >= COUNTING_MIN && counting > (this.#fine.get(option_id) ?? 0);
    });
  }

  get held(): number {
    return this.now?.held ?? 0;
  }

  /** So many newcomers at once, where that is many. */
  get burst(): number | null {
    return this.now !== null && this.now.burst >= BURST_MIN ? this.now.burst : null;
  }

  /** Whether there are too few on either side to tell anything. */
  get comparable(): boolean {
    const newcomers = this.of("newcomer")?.voters ?? 0;
    return newcomers >= SAMPLE_MIN && (this.now?.voters ?? 0) - newcomers >= SAMPLE_MIN;
  }

  of(kind: VoterKind): VoterKindCount | undefined {
    return this.now?.kinds.find((one) => one.kind === kind);
  }

  /** Somebody looked: nothing is said of this option until half as many again have come for it. */
  dismiss({ option_id, newcomers }: Suspicion): void {
    this.#fine = new Map([...this.#fine, [option_id, Math.ceil(newcomers * 1.5)]]);
  }

  /** Takes newcomers' ballots out of the count: all, or those for one option. */
  async hold(option_id: string | null): Promise<number> {
    const held = await holdNewcomers(this.#room.api, this.#round_id, option_id);
    await this.look();
    return held;
  }

  /** Lets held ballots count. */
  async release(participant_ids: readonly string[]): Promise<void> {
    await releaseVotes(this.#room.api, this.#round_id, participant_ids);
    await this.look();
  }

  /** Looks now and again and again, while somebody looks at the page. Returns what ends it. */
  start(every_ms: number): () => void {
    const looking = new AbortController();
    const again = (): void => {
      if (!document.hidden) void this.look(looking.signal);
    };
    again();
    const timer = setInterval(again, every_ms);
    return () => {
      clearInterval(timer);
      looking.abort();
    };
  }

  async look(signal?: AbortSignal): Promise<void> {
    try {
      this.now = await scrutiny(this.#room.api, this.#round_id, signal);
      this.looks += 1;
    } catch {
      // What was known stays; the connection's own light says that there is none.
    }
  }
}
