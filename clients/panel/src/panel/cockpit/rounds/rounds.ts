/** What a round is to those who drive it. */
import { byScore, shareOf, type Count, type RoundView, type VoteConfig } from "@setroom/shared";
import type { Bar } from "@setroom/shared/ui/components/Bars.svelte";

/** What the form is asked to fill in. */
export type Asked =
  | { kind: "new" }
  | { kind: "from"; config: VoteConfig }
  | { kind: "draft"; round: RoundView }
  | { kind: "correct"; round: RoundView };

/** Options shown of a queue, which may have hundreds. */
const QUEUE_SHOWN = 8;

export function isOpen({ status }: RoundView): boolean {
  return status === "open" || status === "grace";
}

/** Closed, and only crew knows what came of it. */
export function isHidden({ status, config }: RoundView): boolean {
  return status === "closed" && config.visibility === "manual";
}

/** Options among which the artist is to choose: of a bracket, its pairs that ended level. */
export function tiedOf({ result }: RoundView): readonly string[] {
  if (result?.tie_rule !== "artist_awaited") return [];
  const level = result.matches?.filter(({ winner }) => !winner) ?? [];
  return result.matches?.length ? level.flatMap(({ options }) => options) : result.winners;
}

/** Whether somebody at the desk has something to do with it. */
export function isCurrent(round: RoundView): boolean {
  return isOpen(round) || isHidden(round) || (round.status === "closed" && tiedOf(round).length > 0);
}

export function countOf(round: RoundView): Count | null {
  return round.result ?? round.tally ?? null;
}

export function labelOf(round: RoundView, option_id: string): string {
  return (
    round.result?.labels?.[option_id] ??
    round.config.options.find(({ id }) => id === option_id)?.label ??
    option_id
  );
}

/** Seconds until votes no longer count; `null`: until it is closed by hand. */
export function leftOf(round: RoundView, now_ms: number): number | null {
  if (!isOpen(round) || !round.closes_at) return null;
  return round.status === "grace" ? 0 : Math.max(0, (Date.parse(round.closes_at) - now_ms) / 1000);
}

/** The bars, in the round's own order, so that none moves away under the eyes. */
export function barsOf(round: RoundView): readonly Bar[] {
  const { config } = round;
  const count = countOf(round);
  const options = config.options.length
    ? config.options
    : byScore(
        Object.keys(count?.options ?? {}).map((id) => ({ id, label: labelOf(round, id) })),
        count ?? { options: {}, votes: 0, voters: 0 },
      ).slice(0, QUEUE_SHOWN);
  return options.map(({ id, label }) => ({
    id,
    label,
    share: count === null ? 0 : shareOf(config, count, id),
    votes: count?.options[id] ?? 0,
    won: round.result?.winners.includes(id) ?? false,
  }));
}
