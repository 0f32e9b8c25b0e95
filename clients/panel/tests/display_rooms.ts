/** Rooms as displays see them, for tests. */
import type { RoomState, RoundResult, RoundView, VoteConfig } from "@setroom/shared";

export const NOON = "2027-05-08T12:00:00Z";
export const NOON_MS = Date.parse(NOON);

/** A moment so many seconds after noon. */
export const after = (seconds: number): string => new Date(NOON_MS + seconds * 1000).toISOString();

export function config(changes: Partial<VoteConfig> = {}): VoteConfig {
  return {
    v: 1,
    title: "What next?",
    type: "single",
    options: ["One", "Two", "Three"].map((label, at) => ({ id: `o${String(at + 1)}`, label, code: String(at + 1) })),
    pick: { min: 1, max: 1, budget: null },
    tally: { method: "plurality", weights: { audience: 1, artist: 0, jury: 0 } },
    window: { duration_s: 60, sms_grace_s: 0, extend_max_s: 60 },
    change: "until_close",
    visibility: "always",
    tie: [],
    quorum: 0,
    who: { channels: ["web"], identity: "attendee", attendance: "any" },
    fraud: { rate_per_min: 6 },
    ...changes,
  };
}

export function round(changes: Partial<RoundView> = {}): RoundView {
  return {
    round_id: "r1",
    status: "open",
    config: config(),
    config_hash: "",
    opened_at: NOON,
    closes_at: after(60),
    ...changes,
  };
}

export function result(changes: Partial<RoundResult> = {}): RoundResult {
  return { options: { o1: 2, o2: 5, o3: 1 }, votes: 8, voters: 8, winners: ["o2"], config_hash: "", ...changes };
}

export function room(changes: Partial<RoomState> = {}): RoomState {
  return {
    epoch: "e",
    seq: 1,
    you: {} as RoomState["you"],
    show: { status: "live", takes_sms: true } as RoomState["show"],
    setlist_locked: false,
    sealed: false,
    entries: [],
    rounds: [],
    chat: [],
    slow_mode_interval_s: 0,
    participants: 0,
    reactions: {},
    now_playing: null,
    announcement: null,
    song_requests: {},
    leaderboard: { entries: [], rounds: 0, votes: 0, voters: 0 },
    confidence: {},
    versions: {},
    ...changes,
  } as RoomState;
}
