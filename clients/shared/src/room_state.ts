/** The room as the page holds it. */
import { compareEntries, entryFrom, type SetlistEntry } from "./entries.ts";
import type { CrewState } from "./crew_state.ts";
import type {
  Announcement,
  ChatView,
  Confidence,
  Leaderboard,
  NowPlaying,
  Pulse,
  RoomSnapshot,
  RoundView,
  ShowFacts,
  SongRequests,
  You,
} from "./wire.ts";

/** A song request in one of these still has a rank. */
export const UNDECIDED: ReadonlySet<string> = new Set(["waiting", "accepted"]);

export interface RoomState {
  epoch: string;
  seq: number;
  you: You;
  show: ShowFacts;
  setlist_locked: boolean;
  /** Whether the artist said that this is what was played. */
  sealed: boolean;
  /** For pages without the document; with it, read the document. */
  entries: readonly SetlistEntry[];
  rounds: readonly RoundView[];
  chat: readonly ChatView[];
  slow_mode_interval_s: number;
  participants: number;
  reactions: Readonly<Record<string, number>>;
  now_playing: NowPlaying | null;
  announcement: Announcement | null;
  /** Song requests by round; `""` is the show's standing queue. */
  song_requests: Readonly<Record<string, SongRequests>>;
  leaderboard: Leaderboard;
  /** How sure each entry is, by its id; absent while nobody rated it. */
  confidence: Readonly<Record<string, Confidence>>;
  /** For crew: how the room beats. */
  pulse: Pulse | null;
  /** For crew, as it was in the snapshot: the panel brings it up to date by `crewAfter`. */
  crew: CrewState | null;
  /** Newest version by state and key, since the last `welcome`. */
  versions: Readonly<Record<string, number>>;
}

/** The state of a room from a snapshot, as the page's first HTML and `welcome` carry it. */
export function fromSnapshot(
  place: { epoch: string; seq: number; you: You },
  snapshot: RoomSnapshot,
): RoomState {
  return {
    epoch: place.epoch,
    seq: place.seq,
    you: place.you,
    show: snapshot.show,
    setlist_locked: snapshot.setlist.locked,
    entries: snapshot.setlist.entries
      .map((fields) => entryFrom(idOf(fields), fields))
      .sort(compareEntries),
    rounds: snapshot.rounds,
    chat: snapshot.chat,
    slow_mode_interval_s: snapshot.slow_mode_interval_s,
    participants: snapshot.head_count.participants,
    reactions: snapshot.reactions.counts,
    now_playing: snapshot.now_playing,
    announcement: snapshot.announcement,
    sealed: snapshot.sealed,
    song_requests: keyed(snapshot.song_requests, ({ round_id }) => round_id),
    leaderboard: snapshot.leaderboard,
    confidence: keyed(snapshot.confidence, ({ entry_id }) => entry_id),
    pulse: snapshot.pulse ?? null,
    crew: snapshot.moderation ? { moderation: snapshot.moderation, acts: snapshot.acts ?? {} } : null,
    versions: {},
  };
}

function keyed<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(values.map((value) => [keyOf(value), value]));
}

function idOf(fields: Readonly<Record<string, unknown>>): string {
  return typeof fields.id === "string" ? fields.id : "";
}
