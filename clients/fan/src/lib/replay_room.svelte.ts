/** A night played again, as the components see it: a room in which nobody can do anything. */
import type { Replayer, RoomState, SetlistEntry, ShowFacts } from "@setroom/shared";
import { Presence } from "@setroom/shared/ui/presence.svelte.ts";
import type { Stage } from "./stage.ts";

/** How often the picture moves on, in milliseconds. */
const TICK_MS = 100;

/** How much faster than the night a replay may be. */
export const SPEEDS = [1, 2, 5, 10, 30, 60] as const;

const nothing = (): void => undefined;

export class ReplayRoom implements Stage {
  state = $state.raw<RoomState | null>(null);
  position_ms = $state(0);
  playing = $state(false);
  speed = $state(10);
  readonly replayer: Replayer;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(replayer: Replayer) {
    this.replayer = replayer;
    this.#show();
  }

  play(): void {
    if (this.replayer.ended) void this.seek(this.replayer.begins_ms);
    this.playing = true;
    let last_ms = performance.now();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      const now_ms = performance.now();
      this.replayer.advance((now_ms - last_ms) * this.speed);
      last_ms = now_ms;
      this.#show();
      if (this.replayer.ended) this.pause();
    }, TICK_MS);
  }

  pause(): void {
    this.playing = false;
    clearInterval(this.#timer);
  }

  async seek(to_ms: number): Promise<void> {
    await this.replayer.seek(to_ms);
    this.#show();
  }

  #show(): void {
    this.state = this.replayer.state;
    this.position_ms = this.replayer.position_ms;
  }

  get entries(): readonly SetlistEntry[] {
    return this.state?.entries ?? [];
  }

  get show(): ShowFacts {
    return this.state?.show ?? this.replayer.header.show;
  }

  get now_ms(): number {
    return this.position_ms;
  }

  // --- nobody is here, and nothing can be done ----------------------------------------------

  readonly session = null;
  /** Nobody enters a night that is over, so nothing offers it. */
  readonly entering = true;
  readonly inside = null;
  readonly connection = { kind: "live", way: "socket" } as const;
  readonly editable = false;
  readonly isCrew = false;
  readonly mayEdit = false;
  readonly offset_ms = 0;
  readonly pending = new Map<string, never>();
  readonly refused = new Map<string, never>();
  readonly justSaved = new Set<string>();
  readonly outbox = [];
  readonly notAdded = [];
  readonly may = (): boolean => false;
  readonly command = (): Promise<boolean> => Promise.resolve(false);
  readonly react = (): boolean => false;
  readonly add = (): null => null;
  readonly putBack = (): null => null;
  readonly presence = new Presence();
  readonly enter = (): Promise<void> => Promise.resolve();
  readonly edit = nothing;
  readonly move = nothing;
  readonly moveTo = nothing;
  readonly remove = nothing;
  readonly dismiss = nothing;
}
