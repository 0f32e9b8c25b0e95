/**
 * What only crew knows of a room: its moderation, and who did what last. Pure: the snapshot and
 * the events after it make the same as a new snapshot would hold. Only the panel loads it.
 */
import { FOREVER } from "./room_events.ts";
import type { Act, Actor, EventMessage, Moderation } from "./wire.ts";

/** The crew's part of a snapshot. `acts`: what was last done to what, by its subject. */
export interface CrewState {
  moderation: Moderation;
  acts: Readonly<Record<string, Act>>;
}

/** People who were removed whose names are remembered; the server remembers as many. */
const REMOVED_KEPT = 200;

/** The crew's state after an event. */
export function crewAfter(crew: CrewState, event: EventMessage): CrewState {
  const moderation = moderationAfter(crew.moderation, event);
  const subject = subjectOf(event);
  if (subject === null) return moderation === crew.moderation ? crew : { ...crew, moderation };
  const by = authorOf(event);
  const act: Act = { what: event.name, at: event.at, seq: event.seq, ...(by ? { by } : {}) };
  return { moderation, acts: { ...crew.acts, [subject]: act } };
}

/** What an event was done to: a round's or a wish's id, or the name of the one thing it is. */
export function subjectOf(event: EventMessage): string | null {
  switch (event.name) {
    case "song_request_marked":
      return event.data.song_request_id;
    case "setlist_changed":
      return "setlist";
    case "setlist_locked":
    case "setlist_unlocked":
      return "setlist_lock";
    case "setlist_sealed":
    case "setlist_unsealed":
      return "seal";
    case "now_playing_changed":
      return "now_playing";
    case "announcement_posted":
    case "announcement_withdrawn":
      return "announcement";
    case "slow_mode_set":
      return "slow_mode";
    case "word_filter_set":
      return "word_filter";
    case "show_status_changed":
      return "show";
    default:
      return event.name.startsWith("round_") && "round_id" in event.data ? event.data.round_id ?? null : null;
  }
}

/** Whose hand it was; `null` where nobody's: a timer, or the server itself. */
export function authorOf(event: EventMessage): Actor | null {
  if (event.name === "setlist_changed" || event.name === "announcement_posted") {
    const { participant_id, display_name } = event.data;
    return { participant_id, display_name };
  }
  return "by" in event.data ? (event.data.by ?? null) : null;
}

function moderationAfter(now: Moderation, event: EventMessage): Moderation {
  switch (event.name) {
    case "chat_held": {
      const line = { ...event.data, role: event.data.role ?? "fan", at: event.at };
      return { ...now, held: [...without(now.held, event.data), line] };
    }
    case "chat_posted":
      return now.held.some(isOf(event.data)) ? { ...now, held: without(now.held, event.data) } : now;
    case "chat_removed":
      return {
        ...now,
        held: without(now.held, event.data),
        reports: without(now.reports, event.data),
      };
    case "chat_reported": {
      const { chat_message_id, participant_id, reports, reasons, display_name, text } = event.data;
      const line = {
        chat_message_id,
        participant_id,
        reports,
        reasons,
        at: event.at,
        display_name: display_name ?? "",
        text: text ?? "",
      };
      return { ...now, reports: [...without(now.reports, event.data), line] };
    }
    case "chat_reports_dismissed":
      return { ...now, reports: without(now.reports, event.data) };
    case "word_filter_set":
      return { ...now, word_filter: { mode: event.data.mode, words: event.data.words ?? [] } };
    case "participant_muted": {
      const { participant_id, lifted, until, by } = event.data;
      const others = now.muted.filter((one) => one.participant_id !== participant_id);
      if (lifted) return { ...now, muted: others };
      const display_name = event.data.display_name ?? "";
      const muted = { participant_id, display_name, until: until ?? FOREVER, ...(by ? { by } : {}) };
      return { ...now, muted: [...others, muted].sort(byName) };
    }
    case "participant_removed": {
      const { participant_id, by } = event.data;
      const others = now.removed.filter((one) => one.participant_id !== participant_id);
      const display_name = event.data.display_name ?? "";
      const removed = { participant_id, display_name, at: event.at, ...(by ? { by } : {}) };
      return { ...now, removed: [...others, removed].slice(-REMOVED_KEPT) };
    }
    case "participant_readmitted": {
      const { participant_id } = event.data;
      return { ...now, removed: now.removed.filter((one) => one.participant_id !== participant_id) };
    }
    default:
      return now;
  }
}

interface Line {
  chat_message_id: string;
}

const isOf = ({ chat_message_id }: Line) => (line: Line): boolean => line.chat_message_id === chat_message_id;

function without<Item extends Line>(lines: readonly Item[], gone: Line): readonly Item[] {
  return lines.filter((line) => !isOf(gone)(line));
}

function byName(a: { display_name: string }, b: { display_name: string }): number {
  return a.display_name.localeCompare(b.display_name);
}
