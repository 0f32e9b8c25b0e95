/** How long the bar of an option is: what its score means in each way of counting. */
import type { RoundResult, Tally, VoteConfig } from "./wire.ts";

export type Count = Pick<Tally | RoundResult, "options" | "votes" | "voters">;

/**
 * From 0 to 1. Where a voter gives an option one vote or none, half of the width is half of the
 * voters; elsewhere the leader's bar is whole.
 */
export function shareOf(config: VoteConfig, count: Count, option_id: string): number {
  const score = count.options[option_id] ?? 0;
  const whole = wholeOf(config, count);
  return whole <= 0 ? 0 : Math.max(0, Math.min(1, score / whole));
}

function wholeOf(config: VoteConfig, count: Count): number {
  const scores = Object.values(count.options);
  switch (config.tally.method) {
    case "plurality":
    case "irv":
      // With weights there are more points than voters; in a bracket, one for every pair.
      if (config.type === "weighted") return scores.reduce((sum, score) => sum + score, 0);
      return count.voters;
    case "approval":
      return config.type === "weighted" ? Math.max(0, ...scores) : count.voters;
    default:
      return Math.max(0, ...scores.map(Math.abs));
  }
}

/** Options from the highest score down; what is equal stays in the round's order. */
export function byScore<Item extends { id: string }>(
  options: readonly Item[],
  count: Count,
): readonly Item[] {
  return [...options].sort((a, b) => (count.options[b.id] ?? 0) - (count.options[a.id] ?? 0));
}
