// Generated from the server's structs by `python -m server.schemas --write`. Do not edit.

import type {
  EventMessage,
  RoomSnapshot,
  ShowFacts,
  SongRequestView,
  Timestamp,
} from "./wire.ts";

/** In which order a history is read. */
export type HistoryOrder = "newest" | "oldest";

/** A page of history. ``next_cursor`` is null on the last one. */
export interface HistoryPage {
  items: readonly HistoryItem[];
  next_cursor: string | null;
}

/** One change: who, when, which entries, from what to what. */
export interface HistoryItem {
  seq: number;
  at: Timestamp;
  participant_id: string;
  display_name: string;
  kind: HistoryKind;
  entries: readonly HistoryEntry[];
  to_seq?: number | null;
  of_seq?: number | null;
}

/** What kind of change an item of the history is. */
export type HistoryKind = "edit" | "rollback" | "restore" | "undo" | "song_request" | "rebalance";

/** What one change did to one entry. */
export interface HistoryEntry {
  entry_id: string;
  kind: string;
  title: string;
  before?: Readonly<Record<string, unknown>> | null;
  after?: Readonly<Record<string, unknown>> | null;
}

/** The rollback, restore or undo is durable. */
export interface RewriteView {
  command_id: string;
  seq: number;
  changed: readonly RewrittenEntry[];
  kept: readonly KeptEntry[];
}

/** An entry that was ``added``, ``changed``, ``moved`` or ``removed``. */
export interface RewrittenEntry {
  entry_id: string;
  kind: string;
}

/** Something that was left as it is, and why. */
export interface KeptEntry {
  entry_id: string;
  code: string;
  detail: string;
  fields?: readonly string[];
}

/** Events in order, as a fan in the room got them. ``header`` only with the first page. */
export interface ReplayPage {
  header: ReplayHeader | null;
  events: readonly EventMessage[];
  next_after_seq: number | null;
}

/** What a page needs to know before it plays. */
export interface ReplayHeader {
  show: ShowFacts;
  epoch: string;
  first_seq: number;
  last_seq: number;
  first_at: Timestamp | null;
  last_at: Timestamp | null;
  events: number;
  counts: Readonly<Record<string, number>>;
  marks: readonly ReplayMark[];
}

/** Something to show on the scrubber. */
export interface ReplayMark {
  seq: number;
  at: Timestamp;
  kind: string;
  title?: string;
}

/** The room at a moment, as a fan who came then would have been welcomed. */
export interface ReplayState {
  seq: number;
  at: Timestamp | null;
  state: RoomSnapshot;
}

/** Part of a queue: what is being played, the undecided requests in the order in which it is fair to play them, then what was decided, the latest first. */
export interface SongRequestPage {
  show_id: string;
  round_id: string;
  items: readonly SongRequestView[];
  waiting: number;
  next_cursor?: string | null;
}

/** Songs of the line-up's catalogue, the likeliest first. */
export interface SongChoicePage {
  items: readonly SongChoice[];
}

/** A song that one may wish for. ``already_played``: tonight. */
export interface SongChoice {
  song_id: string;
  title: string;
  already_played?: boolean;
}

/** ``POST …/setlist/rollback``: to the list after event ``to_seq``, or to a moment. */
export interface RollbackBody {
  command_id: string;
  to_seq?: number | null;
  at?: Timestamp | null;
}

/** ``POST …/setlist/restore``: one entry as it was after event ``to_seq``, or at a moment. */
export interface RestoreBody {
  command_id: string;
  entry_id: string;
  to_seq?: number | null;
  at?: Timestamp | null;
}

/** ``POST …/setlist/undo``: takes back what event ``seq`` changed and nobody changed since. */
export interface UndoBody {
  command_id: string;
  seq: number;
}
