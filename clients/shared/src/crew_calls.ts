/** Calls that only crew makes. */
import type { Api } from "./api.ts";
import type { NewRound, VoteConfig } from "./index.ts";

export interface Preset {
  preset: string;
  ready: boolean;
  config: VoteConfig;
}

/** Rounds that are ready to be opened tonight. */
export async function presets(api: Api, show_id: string): Promise<readonly Preset[]> {
  const { items } = await api.get<{ items: readonly Preset[] }>(`/api/shows/${show_id}/round-presets`);
  return items;
}

/** Opens a preset as it is filled at this moment. */
export async function openPreset(api: Api, show_id: string, preset: string): Promise<void> {
  await api.post(`/api/shows/${show_id}/rounds`, { preset, open: true });
}

/** Puts a corrected round in the place of one that has run. */
export async function supersede(
  api: Api,
  round_id: string,
  config: NewRound,
  reason: string,
): Promise<void> {
  await api.post(`/api/rounds/${round_id}/supersede`, { config, reason });
}
