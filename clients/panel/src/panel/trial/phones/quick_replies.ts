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

export interface Standing {
  joined: string | null;
  stopped: boolean;
}

/** What a phone has said of itself so far: the code it joined with last, and whether it said STOP. */
export function standingOf(texts: readonly string[]): Standing {
  return texts.reduce<Standing>(
    (standing, text) => {
      if (STOP.test(text)) return { joined: null, stopped: true };
      if (START.test(text)) return { joined: null, stopped: false };
      const code = JOIN.exec(text)?.[1];
      return code === undefined ? standing : { joined: code.toUpperCase(), stopped: false };
    },
    { joined: null, stopped: false },
  );
}

/**
 * Ready-made texts, the likeliest first.
 *
 * @param texts what the phone has sent, the oldest first
 */
export function quickReplies(
  show: ShowView | null,
  round: RoundView | null,
  texts: readonly string[],
): readonly QuickReply[] {
  const { joined, stopped } = standingOf(texts);
  if (stopped) return [{ text: "START" }, { text: "HELP" }];
  const code = show?.join_code ?? null;
  const join = code !== null && joined !== code.toUpperCase() ? [{ text: `JOIN ${code}` }] : [];
  const options =
    round === null || joined === null
      ? []
      : round.config.options.map(({ label }, at) => ({ text: codeOf(round, at), hint: label }));
  const rest = joined === null ? [] : [{ text: "YES" }, { text: "SCORE" }];
  return [...join, ...options, ...rest, { text: "HELP" }, { text: "STOP" }];
}
