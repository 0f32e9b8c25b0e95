/**
 * Ballots of every kind, as somebody fills one in: plain functions from picks to picks.
 *
 * The server judges a ballot; here is what keeps a page from offering one that it would refuse.
 */
import type { Option, Pick, VoteConfig } from "./wire.ts";

export type Picks = readonly Pick[];

/** What a ballot lacks before it can be cast. */
export interface BallotGap {
  kind: "options" | "points" | "pairs";
  /** How many more are needed. */
  missing: number;
}

/** Whether the ballot may name another option. */
export function hasRoom(config: VoteConfig, picks: Picks): boolean {
  return picks.length < config.pick.max;
}

/** The ballot with an option named last, or no longer named. A full one stays as it is. */
export function toggled(config: VoteConfig, picks: Picks, option_id: string): Picks {
  const others = without(picks, option_id);
  if (others.length < picks.length) return others;
  return hasRoom(config, picks) ? [...picks, { option_id }] : picks;
}

/** A ranking with an option one place nearer to the top (-1) or to the end (1). */
export function reranked(picks: Picks, option_id: string, by: -1 | 1): Picks {
  const from = picks.findIndex((pick) => pick.option_id === option_id);
  const moved = picks[from];
  const other = picks[from + by];
  if (moved === undefined || other === undefined) return picks;
  return picks.map((pick, at) => (at === from ? other : at === from + by ? moved : pick));
}

/** Points that are not given yet. */
export function pointsLeft(config: VoteConfig, picks: Picks): number {
  return (config.pick.budget ?? 0) - picks.reduce((sum, pick) => sum + (pick.value ?? 0), 0);
}

/** The ballot with so many points for an option: no more than are left, none takes it out. */
export function withPoints(
  config: VoteConfig,
  picks: Picks,
  option_id: string,
  points: number,
): Picks {
  const others = without(picks, option_id);
  const value = Math.max(0, Math.min(Math.floor(points) || 0, pointsLeft(config, others)));
  if (value === 0) return others;
  if (others.length < picks.length) {
    return picks.map((pick) => (pick.option_id === option_id ? { option_id, value } : pick));
  }
  return hasRoom(config, picks) ? [...picks, { option_id, value }] : picks;
}

/** The ballot with an option up (1), down (-1) or left out (0). */
export function withThumb(
  config: VoteConfig,
  picks: Picks,
  option_id: string,
  value: -1 | 0 | 1,
): Picks {
  const others = without(picks, option_id);
  if (value === 0) return others;
  return hasRoom(config, others) ? [...others, { option_id, value }] : picks;
}

/** Who meets whom in a stage of a bracket: first and second, third and fourth, and so on. */
export function pairsOf(options: readonly Option[]): readonly (readonly [Option, Option])[] {
  return options.flatMap((option, at) => {
    const other = options[at + 1];
    return at % 2 === 0 && other !== undefined ? [[option, other] as const] : [];
  });
}

/** The odd one out, who goes on without a match. */
export function byeOf(options: readonly Option[]): Option | null {
  return options.length % 2 ? (options.at(-1) ?? null) : null;
}

/** The ballot with this option through in its pair; again takes it back. */
export function withWinner(config: VoteConfig, picks: Picks, option_id: string): Picks {
  const pair = pairsOf(config.options).find((two) => two.some(({ id }) => id === option_id));
  if (pair === undefined) return picks;
  if (picks.some((pick) => pick.option_id === option_id)) return without(picks, option_id);
  const others = picks.filter((pick) => pair.every(({ id }) => id !== pick.option_id));
  return hasRoom(config, others) ? [...others, { option_id }] : picks;
}

/** What is still missing; `null`: it can be cast. */
export function gapOf(config: VoteConfig, picks: Picks): BallotGap | null {
  const missing = config.pick.min - picks.length;
  if (missing <= 0) return null;
  const kind =
    config.type === "bracket" ? "pairs" : config.type === "points" ? "points" : "options";
  return { kind, missing };
}

/** Whether two ballots say the same. The order counts in a ranking alone. */
export function sameBallot(config: VoteConfig, one: Picks, other: Picks): boolean {
  const text = (picks: Picks): string => {
    const words = picks.map(({ option_id, value }) => `${option_id}:${String(value ?? "")}`);
    return (config.type === "ranked" ? words : words.sort()).join(" ");
  };
  return text(one) === text(other);
}

function without(picks: Picks, option_id: string): Picks {
  return picks.filter((pick) => pick.option_id !== option_id);
}
