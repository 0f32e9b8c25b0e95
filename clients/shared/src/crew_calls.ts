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

/** What is known of a voter, the strongest first. `newcomer`: came only after the round was opened. */
export type VoterKind = "checked_in" | "phone" | "account" | "guest" | "newcomer";

/** The voters of one kind. `options`: how many of them picked each, held ones included. */
export interface VoterKindCount {
  kind: VoterKind;
  voters: number;
  held: number;
  options: Readonly<Record<string, number>>;
  held_options: Readonly<Record<string, number>>;
}

/** How the votes of a round came about. */
export interface Scrutiny {
  voters: number;
  held: number;
  kinds: readonly VoterKindCount[];
  /** The most newcomers who voted within the same `burst_s` seconds. */
  burst: number;
  burst_s: number;
  /** Options that newcomers prefer far beyond chance, the clearest first; shares from 0 to 1. */
  suspected: readonly { option_id: string; newcomers: number; newcomers_share: number; others_share: number }[];
}

/** Who votes in a round. */
export async function scrutiny(api: Api, round_id: string, signal?: AbortSignal): Promise<Scrutiny> {
  return await api.get<Scrutiny>(`/api/rounds/${round_id}/scrutiny`, signal);
}

/** Takes newcomers' ballots out of the count for review: all, or those for one option. How many. */
export async function holdNewcomers(api: Api, round_id: string, option_id: string | null): Promise<number> {
  return (await api.post<{ held: number }>(`/api/rounds/${round_id}/held/newcomers`, { option_id })).held;
}

/** Changes a draft. @throws ApiProblem with an error per field */
export async function changeRound(api: Api, round_id: string, config: NewRound): Promise<void> {
  await api.put(`/api/rounds/${round_id}`, { config });
}
