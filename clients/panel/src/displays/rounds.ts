/** What a display makes of the rounds: which one matters, and its options as bars. Pure. */
import {
  byScore,
  shareOf,
  type Count,
  type RoomState,
  type RoundResult,
  type RoundView,
  type SongRequests,
} from "@setroom/shared";
import type { Bar } from "@setroom/shared/ui/components/Bars.svelte";

/** More would be too small to be read from the back of a hall. */
export const BARS_SHOWN = 8;

/** More stand in two columns on a lying screen. */
export const ONE_COLUMN = 5;

export const isOpen = (round: RoundView): boolean => round.status === "open" || round.status === "grace";

/** Whether a round takes votes and does not show here how they stand, though their number may be known. */
export function hasSecretCount(round: RoundView): boolean {
  const told = round.config.visibility !== "never" && round.config.type !== "queue";
  return isOpen(round) && !round.tally && told;
}

/** The open round that was opened last. */
export function openRound(state: RoomState): RoundView | null {
  const open = state.rounds.filter(isOpen).sort((a, b) => (a.opened_at ?? "").localeCompare(b.opened_at ?? ""));
  return open.at(-1) ?? null;
}

/** The round that ended last, if it still counts. */
export function lastEnded(state: RoomState): RoundView | null {
  const ended = state.rounds
    .filter((round) => round.status === "closed" || round.status === "revealed")
    .sort((a, b) => (a.closed_at ?? "").localeCompare(b.closed_at ?? ""));
  return ended.at(-1) ?? null;
}

/** Milliseconds until the round closes; `null`: it is closed by hand. */
export function leftMs(round: RoundView, now_ms: number): number | null {
  if (!round.closes_at) return null;
  return round.status === "grace" ? 0 : Math.max(0, Date.parse(round.closes_at) - now_ms);
}

/** The part of its time that is left, from 0 to 1. */
export function leftShare(round: RoundView, now_ms: number): number {
  const left_ms = leftMs(round, now_ms);
  if (left_ms === null || !round.opened_at || !round.closes_at) return 1;
  const whole_ms = Date.parse(round.closes_at) - Date.parse(round.opened_at);
  return Math.min(1, left_ms / Math.max(1, whole_ms));
}

/** Whether numbers are points or ballots in favour, not votes. */
export function unitOf(round: RoundView): "votes" | "points" {
  const { method, weights } = round.config.tally;
  if (method === "borda" || method === "sum" || method === "net") return "points";
  return round.config.type === "weighted" && Math.max(...Object.values(weights)) > 1 ? "points" : "votes";
}

export interface Bars {
  bars: readonly Bar[];
  /** Options that there was no room for. */
  more: number;
}

/** Whether the round takes votes by SMS, so that its options' codes mean something. */
export const takesSms = (round: RoundView, state: RoomState): boolean =>
  state.show.takes_sms && round.config.who.channels.includes("sms");

/** The options of an open round in its own order, with their counts where they may be seen. */
export function openBars(round: RoundView, state: RoomState): Bars {
  const queue = state.song_requests[round.round_id];
  if (round.config.type === "queue") return queueBars(queue);
  const bars = round.config.options.map((option, at) => ({
    id: option.id,
    label: option.label,
    // What a text says for it where the round gave it no code: its place.
    code: takesSms(round, state) ? (option.code ?? String(at + 1)) : null,
    share: round.tally ? shareOf(round.config, round.tally, option.id) : 0,
    votes: round.tally ? (round.tally.options[option.id] ?? 0) : undefined,
  }));
  return cut(bars);
}

function queueBars(queue: SongRequests | undefined): Bars {
  const wishes = (queue?.requests ?? []).filter((wish) => wish.status === "waiting" || wish.status === "accepted");
  const most = Math.max(1, ...wishes.map((wish) => wish.upvotes ?? 0));
  return cut(
    wishes.map((wish) => ({
      id: wish.song_request_id,
      label: wish.title,
      share: (wish.upvotes ?? 0) / most,
      votes: wish.upvotes ?? undefined,
    })),
  );
}

function cut(bars: readonly Bar[]): Bars {
  return { bars: bars.slice(0, BARS_SHOWN), more: Math.max(0, bars.length - BARS_SHOWN) };
}

/** The options of a counted round, the best first; winners before those who only share their score. */
export function countedBars(round: RoundView, result: RoundResult): readonly Bar[] {
  const count: Count = result;
  const winners = new Set(result.winners);
  const labels = result.labels ?? {};
  const known = round.config.options.map(({ id, label }) => ({ id, label }));
  const added = Object.keys(result.options)
    .filter((id) => !known.some((option) => option.id === id))
    .map((id) => ({ id, label: labels[id] ?? "" }))
    .filter(({ label }) => label !== "");
  const sorted = byScore([...known, ...added], count);
  return [...sorted.filter(({ id }) => winners.has(id)), ...sorted.filter(({ id }) => !winners.has(id))].map(
    ({ id, label }) => ({
      id,
      label,
      share: shareOf(round.config, count, id),
      votes: result.options[id] ?? 0,
      won: winners.has(id),
    }),
  );
}
