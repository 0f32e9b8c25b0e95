/** Calls that only crew makes. */
import type { Api } from "./api.ts";
import type { NewRound, VoteConfig } from "./index.ts";

export interface Preset {
  preset: string;
  ready: boolean;
  config: VoteConfig;
}

/** The languages that presets ask in. */
export type PresetLanguage = "en" | "es";

/** Rounds that are ready to be opened tonight. */
export async function presets(api: Api, show_id: string, language: PresetLanguage): Promise<readonly Preset[]> {
  const path = `/api/shows/${show_id}/round-presets?language=${language}`;
  const { items } = await api.get<{ items: readonly Preset[] }>(path);
  return items;
}

/** Opens a preset as it is filled at this moment, asking in a language; the round's id. */
export async function openPreset(
  api: Api,
  show_id: string,
  preset: string,
  key: string,
  language: PresetLanguage,
): Promise<string> {
  const body = { preset, open: true, language };
  return (await api.create<{ id: string }>(`/api/shows/${show_id}/rounds`, body, key)).id;
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

/** A ballot that waits for somebody to look at it. `device`: the same text for the same device. */
export interface HeldVote {
  participant_id: string;
  display_name: string;
  picks: readonly { option_id: string; value?: number | null }[];
  cast_at: string;
  device?: string | null;
}

/** Ballots of a round that wait for review, the oldest first. */
export async function heldVotes(api: Api, round_id: string): Promise<readonly HeldVote[]> {
  return (await api.get<{ items: readonly HeldVote[] }>(`/api/rounds/${round_id}/held`)).items;
}

/** Lets held ballots count; while the round takes votes. */
export async function releaseVotes(api: Api, round_id: string, participant_ids: readonly string[]): Promise<void> {
  await api.post(`/api/rounds/${round_id}/held/release`, { participant_ids });
}

/** Changes a draft. @throws ApiProblem with an error per field */
export async function changeRound(api: Api, round_id: string, config: NewRound): Promise<void> {
  await api.put(`/api/rounds/${round_id}`, { config });
}
