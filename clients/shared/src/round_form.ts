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
  weighted: ["plurality"],
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
  final: boolean;
  quorum: number;
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
    final: false,
    quorum: 0,
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
    weights: { ...config.tally.weights },
    tie: config.tie[0] ?? "none",
    final: config.change === "never",
    quorum: config.quorum,
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
    pick: { min: 1, max: picksMax(form, options.length), budget: form.type === "points" ? form.budget : null },
    tally: { method: form.method, weights },
    window: { duration_s: form.duration_s, sms_grace_s: 15, extend_max_s: 600 },
    visibility: form.visibility,
    change: form.final ? "never" : "until_close",
    tie: queue || form.tie === "none" ? [] : [form.tie],
    quorum: form.quorum,
  };
}

function picksMax(form: RoundForm, options: number): number {
  switch (form.type) {
    case "single":
    case "weighted":
    case "queue":
      return 1;
    case "bracket":
      return Math.max(1, Math.floor(options / 2));
    default:
      return form.max > 0 ? Math.min(form.max, options) : Math.max(1, options);
  }
}
