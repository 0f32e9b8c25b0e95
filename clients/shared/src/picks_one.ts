import type { VoteConfig } from "./wire.ts";

/** Whether a ballot names one option: a tap is the whole vote. */
export function picksOne(config: VoteConfig): boolean {
  if (config.type === "weighted") return config.tally.method !== "approval";
  return config.type === "single";
}
