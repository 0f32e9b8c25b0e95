import type { Picks, RoundView } from "@setroom/shared";
import type { OwnRound } from "../../lib/own_round.svelte.ts";

/** What every kind of ballot is given. */
export interface BallotPart {
  round: RoundView;
  own: OwnRound;
  draft: Picks;
  disabled: boolean;
  onchange: (picks: Picks) => void;
}
