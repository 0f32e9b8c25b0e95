/**
 * The room as the page holds it. Old state + messages = fresh state: `applyMessage` is pure, and
 * a client that applied every event holds what a new snapshot would hold.
 */
import { compareEntries, entryFrom, type SetlistEntry } from "./entries.ts";
import { changedBy, changeRound } from "./room_events.ts";
import type {
  Announcement,
  ChatView,
  Confidence,
  EventMessage,
  Leaderboard,
  NowPlaying,
  OwnBallot,
  Pick as BallotPick,
  RoomSnapshot,
  RoundView,
  ServerMessage,
  ShowFacts,
  SongRequests,
  StateMessage,
  Welcome,
  You,
} from "./wire.ts";

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
  /** Newest version by state and key, since the last `welcome`. */
  versions: Readonly<Record<string, number>>;
}

/** A message that cannot follow the state: the socket must be opened again. */
export class LogGap extends Error {
  constructor(expected: number, got: number) {
    super(`expected event ${String(expected)}, got ${String(got)}`);
    this.name = "LogGap";
  }
}

/**
 * The state after a message from the server.
 *
 * @throws LogGap if an event is not the next one, or anything but `welcome` comes first.
 */
export function applyMessage(state: RoomState | null, message: ServerMessage): RoomState {
  if (message.t === "welcome") return applyWelcome(state, message);
  if (state === null) throw new LogGap(0, -1);
  switch (message.t) {
    case "event":
      return applyEvent(state, message);
    case "state":
      return applyState(state, message);
    default:
      return state;
  }
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
    versions: {},
  };
}

/** The own upvotes after an acknowledged one. */
export function withOwnUpvote(state: RoomState, song_request_id: string, up: boolean): RoomState {
  const others = state.you.upvotes.filter((id) => id !== song_request_id);
  return { ...state, you: { ...state.you, upvotes: up ? [...others, song_request_id] : others } };
}

/** The own ratings after an acknowledged one; 0: taken back. */
export function withOwnRating(state: RoomState, entry_id: string, value: number): RoomState {
  const { [entry_id]: _before, ...others } = state.you.ratings;
  const ratings = value === 0 ? others : { ...others, [entry_id]: value };
  return { ...state, you: { ...state.you, ratings } };
}

/** The own ballot after an acknowledged vote; no picks: withdrawn. */
export function withOwnBallot(
  state: RoomState,
  round_id: string,
  picks: readonly BallotPick[],
): RoomState {
  const others = state.you.ballots.filter((ballot) => ballot.round_id !== round_id);
  const ballots: readonly OwnBallot[] = picks.length ? [...others, { round_id, picks }] : others;
  return { ...state, you: { ...state.you, ballots } };
}

function applyWelcome(state: RoomState | null, message: Welcome): RoomState {
  if (!message.recovered) return fromSnapshot(message, message.state);
  if (state === null) throw new LogGap(0, message.seq);
  // The missed events follow; versions start anew with every welcome.
  return { ...state, epoch: message.epoch, you: message.you, versions: {} };
}

function applyState(state: RoomState, message: StateMessage): RoomState {
  const key = stateKey(message);
  if ((state.versions[key] ?? -1) >= message.version) return state;
  const next = { ...state, versions: { ...state.versions, [key]: message.version } };
  switch (message.name) {
    case "tally": {
      const tally = message.data;
      return changeRound(next, tally.round_id, (round) =>
        round.status === "open" || round.status === "grace" ? { ...round, tally } : round,
      );
    }
    case "head_count":
      return { ...next, participants: message.data.participants };
    case "reactions":
      return { ...next, reactions: message.data.counts };
    case "song_requests": {
      const queue = message.data;
      return { ...next, song_requests: { ...next.song_requests, [queue.round_id]: queue } };
    }
    case "leaderboard":
      return { ...next, leaderboard: message.data };
    case "confidence": {
      const said = message.data;
      return { ...next, confidence: { ...next.confidence, [said.entry_id]: said } };
    }
    default:
      return next; // a state that this version of the page does not know
  }
}

/** What a state is the latest value of. */
function stateKey(message: StateMessage): string {
  switch (message.name) {
    case "tally":
    case "song_requests":
      return `${message.name}:${message.data.round_id}`;
    case "confidence":
      return `${message.name}:${message.data.entry_id}`;
    default:
      return message.name;
  }
}

function applyEvent(state: RoomState, message: EventMessage): RoomState {
  if (message.seq <= state.seq) return state;
  if (message.seq !== state.seq + 1) throw new LogGap(state.seq + 1, message.seq);
  return { ...changedBy(state, message), seq: message.seq };
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
