/** Who did what, in words: the cockpit's log of hands. */
import { authorOf } from "@setroom/shared/crew_state";
import type { Act, Actor, EventMessage, EventName, RoomState } from "@setroom/shared";
import { hasText } from "@setroom/shared/ui/i18n.ts";
import { t, type TextKey } from "./i18n.ts";

/** Something that somebody of the crew, or a timer, did to the room. */
export interface Deed {
  seq: number;
  at: string;
  what: EventName;
  /** Absent where nobody did it: a timer, the server. */
  by: Actor | null;
  /** What it was done to, in words. */
  title: string;
  /** Which of several things such an event may mean. */
  kind?: string;
}

/** Deeds that are remembered on the page. */
export const DEEDS_KEPT = 60;

/** What two people at the desk want to know of each other; fans' edits and lines are not in it. */
const TOLD: ReadonlySet<EventName> = new Set<EventName>([
  "announcement_posted", "announcement_withdrawn", "chat_removed", "chat_reports_dismissed",
  "jury_set", "now_playing_changed", "participant_muted", "participant_readmitted", "participant_removed",
  "round_cancelled", "round_closed", "round_extended", "round_opened", "round_revealed",
  "round_superseded", "round_tie_decided", "setlist_locked", "setlist_sealed",
  "setlist_unlocked", "setlist_unsealed", "show_status_changed", "slow_mode_set",
  "song_request_marked", "word_filter_set",
]);

/** The deed that an event tells of; `null` where it is none, or nobody's. */
export function deedOf(event: EventMessage, state: RoomState): Deed | null {
  if (!TOLD.has(event.name)) return null;
  const by = authorOf(event);
  // A line that its author took back is the author's own matter.
  if (event.name === "chat_removed" && by === null) return null;
  return { seq: event.seq, at: event.at, what: event.name, by, title: titleOf(event, state), ...kindOf(event) };
}

function kindOf(event: EventMessage): Pick<Deed, "kind"> {
  if (event.name === "show_status_changed") return { kind: event.data.status };
  return event.name === "participant_muted" && event.data.lifted ? { kind: "lifted" } : {};
}

function titleOf(event: EventMessage, state: RoomState): string {
  switch (event.name) {
    case "song_request_marked":
      return event.data.title;
    case "now_playing_changed":
      return event.data.title ?? "";
    case "participant_muted":
    case "participant_readmitted":
    case "participant_removed":
      return event.data.display_name ?? "";
    case "announcement_posted":
      return event.data.text;
    case "round_opened":
      return event.data.config.title;
    default: {
      const round_id = "round_id" in event.data ? event.data.round_id : null;
      return state.rounds.find((round) => round.round_id === round_id)?.config.title ?? "";
    }
  }
}

/** A deed as a sentence. `own_id`: whoever reads it is "you". */
export function sentence(deed: Deed, own_id: string): string {
  const exact = `did.${deed.what}.${deed.kind}` as TextKey;
  const key = hasText(exact) ? exact : (`did.${deed.what}` as TextKey);
  const title = deed.title;
  if (deed.by === null) {
    const alone = `${key}_alone` as TextKey;
    return t(hasText(alone) ? alone : key, { name: t("did.nobody"), title });
  }
  return t(key, { name: deed.by.participant_id === own_id ? t("did.you") : deed.by.display_name, title });
}

/** The last deed on something, as far as a snapshot tells it. */
export function deedOfAct(act: Act, title: string): Deed | null {
  const what = act.what as EventName;
  return TOLD.has(what) ? { seq: act.seq, at: act.at, what, by: act.by ?? null, title } : null;
}
