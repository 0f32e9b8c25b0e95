/** The configuration of a round, as crew fills it in: sane defaults for every kind. */
import type { NewRound, TallyMethod, TieRule, VoteConfig, VoteType } from "./index.ts";

export const TYPES: readonly VoteType[] = [
  "single", "approval", "ranked", "points", "updown", "weighted", "bracket", "queue",
];

const METHODS: Readonly<Record<VoteType, readonly TallyMethod[]>> = {
  single: ["plurality"],
  approval: ["approval"],
  ranked: ["irv", "borda"],
  points: ["sum"],
  updown: ["net"],
  weighted: ["plurality", "approval"],
  bracket: ["plurality"],
  queue: ["approval"],
};

/** How a kind of round can be counted; the first is offered. */
export const methodsOf = (type: VoteType): readonly TallyMethod[] => METHODS[type];

export interface FormOption {
  label: string;
  song_id?: string;
  entry_id?: string;
}

/** What the form holds. `max` of 0: as many as there are. */
export interface RoundForm {
  title: string;
  type: VoteType;
  method: TallyMethod;
  options: FormOption[];
  duration_s: number | null;
  visibility: VoteConfig["visibility"];
  max: number;
  budget: number;
  weights: { audience: number; artist: number; jury: number };
  tie: TieRule | "none";
  /** What is done where the first rule leaves a tie. */
  tie_then: TieRule | "none";
  final: boolean;
  quorum: number;
  /** The least that a ballot names. */
  min: number;
  identity: VoteConfig["who"]["identity"];
  attendance: VoteConfig["who"]["attendance"];
  /** Whether votes by SMS count. */
  takes_sms: boolean;
  sms_grace_s: number;
  extend_max_s: number;
}

export function emptyForm(): RoundForm {
  return {
    title: "",
    type: "single",
    method: "plurality",
    options: [{ label: "" }, { label: "" }],
    duration_s: 90,
    visibility: "after_vote",
    max: 0,
    budget: 10,
    weights: { audience: 1, artist: 0, jury: 1 },
    tie: "none",
    tie_then: "none",
    final: false,
    quorum: 0,
    min: 1,
    identity: "attendee",
    attendance: "any",
    takes_sms: true,
    sms_grace_s: 15,
    extend_max_s: 600,
  };
}

/** The form of a round that is there, to be corrected. */
export function formOf(config: VoteConfig): RoundForm {
  return {
    title: config.title,
    type: config.type,
    method: config.tally.method,
    options: config.options.map(({ label, song_id, entry_id }) => ({
      label,
      ...(song_id ? { song_id } : {}),
      ...(entry_id ? { entry_id } : {}),
    })),
    duration_s: config.window.duration_s,
    visibility: config.visibility,
    max: config.pick.max >= config.options.length ? 0 : config.pick.max,
    budget: config.pick.budget ?? 10,
    weights: config.type === "weighted" ? { ...config.tally.weights } : emptyForm().weights,
    tie: config.tie[0] ?? "none",
    tie_then: config.tie[1] ?? "none",
    final: config.change === "never",
    quorum: config.quorum,
    min: config.pick.min,
    identity: config.who.identity,
    attendance: config.who.attendance,
    takes_sms: config.who.channels.includes("sms"),
    sms_grace_s: config.window.sms_grace_s,
    extend_max_s: config.window.extend_max_s,
  };
}

export function givenOptions(form: RoundForm): readonly FormOption[] {
  return form.options.filter(({ label }) => label.trim() !== "");
}

/** Whether it is worth sending. */
export function isReady(form: RoundForm): boolean {
  return form.title.trim() !== "" && (form.type === "queue" || givenOptions(form).length >= 2);
}

/** What the server is asked to keep. */
export function configOf(form: RoundForm): NewRound {
  const queue = form.type === "queue";
  const options = (queue ? [] : givenOptions(form)).map((option, index) => ({
    ...option,
    id: `o${String(index + 1)}`,
    code: String(index + 1),
    label: option.label.trim(),
  }));
  const weights = form.type === "weighted" ? form.weights : { audience: 1, artist: 0, jury: 0 };
  return {
    title: form.title.trim(),
    type: form.type,
    options,
    pick: { min: limits(form) ? form.min : 1, max: picksMax(form, options.length), budget: form.type === "points" ? form.budget : null },
    tally: { method: form.method, weights },
    window: {
      duration_s: form.duration_s,
      sms_grace_s: form.sms_grace_s,
      extend_max_s: form.extend_max_s,
    },
    visibility: form.visibility,
    change: form.final ? "never" : "until_close",
    tie: queue ? [] : tieRules(form),
    quorum: form.quorum,
    who: {
      channels: form.takes_sms ? ["web", "sms"] : ["web"],
      identity: form.identity,
      attendance: form.attendance,
    },
  };
}

/** Whether a ballot of this kind may name several options, and how many is up to the crew. */
export function limits({ type }: RoundForm): boolean {
  return type === "approval" || type === "ranked" || type === "points" || type === "updown";
}

function tieRules({ tie, tie_then }: RoundForm): readonly TieRule[] {
  if (tie === "none") return [];
  return tie_then === "none" || tie_then === tie ? [tie] : [tie, tie_then];
}

function picksMax(form: RoundForm, options: number): number {
  switch (form.type) {
    case "single":
    case "queue":
      return 1;
    case "weighted":
      return form.method === "approval" ? Math.max(1, options) : 1;
    case "bracket":
      return Math.max(1, Math.floor(options / 2));
    default:
      return form.max > 0 ? Math.min(form.max, options) : Math.max(1, options);
  }
}
