/** What a phone is likely to text next, ready to be tapped. */
import type { RoundView, ShowView } from "@setroom/shared";

export interface QuickReply {
  text: string;
  /** What it means, where the text alone does not say it. */
  hint?: string;
}

/** Rounds that somebody with a phone can vote in. */
export function textable(rounds: readonly RoundView[]): readonly RoundView[] {
  return rounds.filter(
    ({ status, config }) =>
      (status === "open" || status === "grace") && config.who.channels.includes("sms"),
  );
}

/** The round that a text is about: the one that was opened last. */
export function roundOf(rounds: readonly RoundView[]): RoundView | null {
  const byOpening = (one: RoundView, other: RoundView): number =>
    (other.opened_at ?? "").localeCompare(one.opened_at ?? "");
  return textable(rounds).toSorted(byOpening)[0] ?? null;
}

/** What a text says for an option: its code, or its place where the round gave it none. */
export function codeOf(round: RoundView, at: number): string {
  return round.config.options[at]?.code ?? String(at + 1);
}

const STOP = /^\s*(stop|stopall|unsubscribe|cancel|end|quit|revoke|optout)\b/i;
const START = /^\s*(start|unstop)\b/i;
const JOIN = /^\s*join\s+(\S+)/i;
const CONFIRM = /^\s*(yes|confirm)\s*$/i;

export interface Standing {
  joined: string | null;
  /** Whether it said YES to that show: a second one would be taken for a vote. */
  confirmed: boolean;
  stopped: boolean;
}

const NOBODY: Standing = { joined: null, confirmed: false, stopped: false };

/** What a phone has said of itself so far, and before what is at hand. */
export function standingOf(texts: readonly string[], before = NOBODY): Standing {
  return texts.reduce<Standing>(
    (standing, text) => {
      if (STOP.test(text)) return { joined: null, confirmed: false, stopped: true };
      if (START.test(text)) return { joined: null, confirmed: false, stopped: false };
      if (CONFIRM.test(text)) return { ...standing, confirmed: standing.joined !== null };
      const code = JOIN.exec(text)?.[1]?.toUpperCase();
      if (code === undefined) return standing;
      return { joined: code, confirmed: standing.confirmed && standing.joined === code, stopped: false };
    },
    before,
  );
}

/**
 * Ready-made texts, the likeliest first.
 *
 * @param texts what the phone has sent, the oldest first
 * @param earlier whether it sent more before that: it writes to the show, so it is taken to be in it
 */
export function quickReplies(
  show: ShowView | null,
  round: RoundView | null,
  texts: readonly string[],
  earlier = false,
): readonly QuickReply[] {
  const code = show?.join_code?.toUpperCase() ?? null;
  const { joined, confirmed, stopped } = standingOf(texts, earlier ? { joined: code, confirmed: true, stopped: false } : NOBODY);
  if (stopped) return [{ text: "START" }, { text: "HELP" }];
  const join = code !== null && joined !== code ? [{ text: `JOIN ${code}` }] : [];
  const options =
    round === null || joined === null
      ? []
      : round.config.options.map(({ label }, at) => ({ text: codeOf(round, at), hint: label }));
  const rest = joined === null ? [] : [...(confirmed ? [] : [{ text: "YES" }]), { text: "SCORE" }];
  return [...join, ...options, ...rest, { text: "HELP" }, { text: "STOP" }];
}
