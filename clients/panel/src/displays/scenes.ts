/**
 * What the big screen shows at a moment. Pure: the room, the moment, and since when the screen
 * knows of a result go in; one scene comes out.
 */
import type { Announcement, RoomState, RoundResult, RoundView } from "@setroom/shared";
import { lastEnded, leftMs, openRound } from "./rounds.ts";

/** An announcement has the whole screen for so long, then a line of it; milliseconds. */
export const TAKEOVER_MS = 25_000;
/** A result stays on the screen for so long after it was told. */
export const RESULT_SHOWN_MS = 60_000;
/** A closed round that waits to be revealed is shown for so long. */
export const AWAITED_MS = 15 * 60_000;
/** A round whose count nobody is to see is said to be over for so long. */
export const SECRET_SHOWN_MS = 20_000;
/** Nothing more comes. A draft has not begun: who sets the screen up before the show sees the way in. */
const OVER: ReadonlySet<string> = new Set(["closed", "archived", "cancelled"]);
/** While nothing happens, moments take turns: how to get in, what is wished for, who leads. */
export const IDLE_TURN_MS = 20_000;

export type Scene =
  | { kind: "announcement"; announcement: Announcement }
  | { kind: "open"; round: RoundView }
  | { kind: "counting"; round: RoundView }
  | { kind: "awaiting"; round: RoundView }
  | { kind: "result"; round: RoundView; result: RoundResult }
  | { kind: "over" }
  | { kind: "wishes" }
  | { kind: "leaderboard" }
  | { kind: "join" };

/** When this screen was told a result, by the server's clock; rounds it found closed are absent. */
export type Told = ReadonlyMap<string, number>;

export function sceneOf(state: RoomState, now_ms: number, told: Told): Scene {
  const { announcement } = state;
  if (announcement && now_ms - Date.parse(announcement.at) < TAKEOVER_MS) {
    return { kind: "announcement", announcement };
  }
  const open = openRound(state);
  const ended = lastEnded(state);
  const fresh = ended?.result ? isFresh(ended, now_ms, told) : false;
  // A result is told to its end, also where a runoff or the next pair opens with it.
  if (ended?.result && fresh && !(open && isOutrun(open, ended, now_ms, told))) {
    return { kind: "result", round: ended, result: ended.result };
  }
  if (open) return { kind: leftMs(open, now_ms) === 0 ? "counting" : "open", round: open };
  if (ended && !ended.result && isAwaited(ended, now_ms)) return { kind: "awaiting", round: ended };
  if (OVER.has(state.show.status)) return { kind: "over" };
  return idleScene(state, now_ms);
}

function isFresh(round: RoundView, now_ms: number, told: Told): boolean {
  const told_at_ms = told.get(round.round_id) ?? Date.parse(round.closed_at ?? "");
  return now_ms - told_at_ms < RESULT_SHOWN_MS;
}

/** Whether a round that opened after the result has waited long enough for the screen. */
function isOutrun(open: RoundView, ended: RoundView, now_ms: number, told: Told): boolean {
  const told_at_ms = told.get(ended.round_id) ?? Date.parse(ended.closed_at ?? "");
  const opened_at_ms = Date.parse(open.opened_at ?? "");
  const follows = open.runoff_of === ended.round_id || open.stage_of === ended.round_id;
  if (!follows && opened_at_ms > told_at_ms + 1_000) return true;
  return now_ms - told_at_ms > RESULT_SHOWN_MS / 4;
}

function isAwaited(round: RoundView, now_ms: number): boolean {
  const ago_ms = now_ms - Date.parse(round.closed_at ?? "");
  return ago_ms < (round.config.visibility === "never" ? SECRET_SHOWN_MS : AWAITED_MS);
}

/** Getting in comes every other turn: people come in all evening. */
function idleScene(state: RoomState, now_ms: number): Scene {
  const moments: Scene[] = [];
  if ((state.song_requests[""]?.waiting ?? 0) > 0) moments.push({ kind: "wishes" });
  if (state.leaderboard.entries.length > 1) moments.push({ kind: "leaderboard" });
  if (moments.length === 0) return { kind: "join" };
  const turn = Math.floor(now_ms / IDLE_TURN_MS);
  if (turn % 2 === 0) return { kind: "join" };
  return moments[((turn - 1) / 2) % moments.length] ?? { kind: "join" };
}
