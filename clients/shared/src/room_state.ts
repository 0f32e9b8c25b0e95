/**
 * The room as the page holds it. Old state + messages = fresh state: `applyMessage` is pure, and
 * a client that applied every event holds what a new snapshot would hold.
 */
import { CHAT_MESSAGES_KEPT } from "./limits.ts";
import { compareEntries, entryFrom, type SetlistEntry } from "./entries.ts";
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
  SetlistChanged,
  ShowFacts,
  SongRequests,
  StateMessage,
  Timestamp,
  Welcome,
  You,
} from "./wire.ts";

/** What the server writes for "until further notice". */
export const FOREVER: Timestamp = "9999-01-01T00:00:00Z";

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

function changedBy(state: RoomState, event: EventMessage): RoomState {
  switch (event.name) {
    case "chat_posted": {
      const line = { ...event.data, role: event.data.role ?? "fan", at: event.at };
      return { ...state, chat: [...state.chat, line].slice(-CHAT_MESSAGES_KEPT) };
    }
    case "chat_removed": {
      const gone = event.data.chat_message_id;
      return { ...state, chat: state.chat.filter((line) => line.chat_message_id !== gone) };
    }
    case "slow_mode_set":
      return { ...state, slow_mode_interval_s: event.data.interval_s };
    case "setlist_changed":
      return { ...state, entries: changedEntries(state.entries, event.data) };
    case "setlist_locked":
      return { ...state, setlist_locked: true };
    case "setlist_unlocked":
      return { ...state, setlist_locked: false };
    case "now_playing_changed": {
      const { entry_id, title } = event.data;
      const now_playing = entry_id ? { entry_id, title: title ?? "", at: event.at } : null;
      return { ...state, now_playing };
    }
    case "announcement_posted": {
      const { text, display_name } = event.data;
      return { ...state, announcement: { text, display_name, at: event.at } };
    }
    case "participant_muted": {
      if (event.data.participant_id !== state.you.participant_id) return state;
      const muted_until = event.data.lifted ? null : (event.data.until ?? FOREVER);
      return { ...state, you: { ...state.you, muted_until } };
    }
    case "show_status_changed":
      return { ...state, show: { ...state.show, status: event.data.status } };
    case "round_opened":
    case "round_extended":
    case "round_closed":
    case "round_revealed":
    case "round_tie_decided":
    case "round_superseded":
    case "round_cancelled":
      return changedRounds(state, event);
    case "setlist_sealed":
      return sealed(state, event.data.entry_ids ?? []);
    case "setlist_unsealed":
      return sealed(state, null);
    case "entry_confirmed": {
      const { entry_id, confirmed } = event.data;
      return changeConfidence(state, entry_id, { confirmed_by_crew: confirmed ?? true });
    }
    case "song_requested":
    case "song_request_marked":
      return changedRequests(state, event);
    default:
      return state; // an event that this version of the page does not know, or has no use for
  }
}

function changedRounds(
  state: RoomState,
  event: Extract<EventMessage, { name: `round_${string}` }>,
): RoomState {
  switch (event.name) {
    case "round_opened": {
      const round: RoundView = { ...event.data, status: "open" };
      const known = state.rounds.some((other) => other.round_id === round.round_id);
      return known
        ? changeRound(state, round.round_id, () => round)
        : { ...state, rounds: [...state.rounds, round] };
    }
    case "round_extended": {
      const { round_id, closes_at } = event.data;
      return changeRound(state, round_id, (round) => ({ ...round, closes_at }));
    }
    case "round_closed": {
      const { round_id, closed_at, result } = event.data;
      return changeRound(state, round_id, ({ tally: _over, ...round }) => ({
        ...round,
        status: "closed",
        closed_at,
        ...(result ? { result } : {}),
      }));
    }
    case "round_revealed": {
      const { round_id, result } = event.data;
      return changeRound(state, round_id, (round) => ({
        ...round,
        status: "revealed",
        ...(result ? { result } : {}),
      }));
    }
    case "round_tie_decided": {
      const { round_id, result } = event.data;
      return changeRound(state, round_id, (round) => ({ ...round, ...(result ? { result } : {}) }));
    }
    case "round_superseded": {
      const { round_id, by_round_id } = event.data;
      return changeRound(state, round_id, ({ tally: _over, result: _void, ...round }) => ({
        ...round,
        status: "superseded",
        superseded_by: by_round_id,
      }));
    }
    case "round_cancelled":
      return changeRound(state, event.data.round_id, ({ tally: _over, ...round }) => ({
        ...round,
        status: "cancelled",
      }));
  }
}

/** The queues after a request or a mark. The `song_requests` state that follows has the ranks. */
function changedRequests(
  state: RoomState,
  event: Extract<EventMessage, { name: `song_request${string}` }>,
): RoomState {
  if (event.name === "song_requested") {
    const { round_id, ...request } = event.data;
    const key = round_id ?? "";
    const queue = state.song_requests[key] ?? { round_id: key, requests: [], waiting: 0 };
    const id = request.song_request_id;
    if (queue.requests.some((other) => other.song_request_id === id)) return state;
    const view = { ...request, status: "waiting", upvotes: 1, requested_at: event.at };
    const changed = {
      ...queue,
      requests: [...queue.requests, view],
      waiting: queue.waiting + 1,
    };
    return { ...state, song_requests: { ...state.song_requests, [key]: changed } };
  }
  const { song_request_id, status, reason, entry_id } = event.data;
  const queues = Object.entries(state.song_requests).map(([key, queue]) => {
    const requests = queue.requests.map((request) => {
      if (request.song_request_id !== song_request_id) return request;
      const { rank, reason: _reason, entry_id: _entry, ...rest } = request;
      return {
        ...rest,
        status,
        ...(rank && UNDECIDED.has(status) ? { rank } : {}),
        ...(reason ? { reason } : {}),
        ...(entry_id ? { entry_id } : {}),
      };
    });
    const waiting = requests.filter((request) => UNDECIDED.has(request.status)).length;
    const before = queue.requests.filter((request) => UNDECIDED.has(request.status)).length;
    return [key, { ...queue, requests, waiting: queue.waiting + waiting - before }] as const;
  });
  return { ...state, song_requests: Object.fromEntries(queues) };
}

/** The list after the artist's seal on these entries, or after it was taken off. */
function sealed(state: RoomState, entry_ids: readonly string[] | null): RoomState {
  let next: RoomState = { ...state, sealed: entry_ids !== null };
  for (const entry_id of entry_ids ?? Object.keys(state.confidence)) {
    next = changeConfidence(next, entry_id, { sealed: entry_ids !== null });
  }
  return next;
}

/** What a state already said of an entry, changed; the numbers come with the next state. */
function changeConfidence(
  state: RoomState,
  entry_id: string,
  change: Partial<Confidence>,
): RoomState {
  const known = state.confidence[entry_id];
  if (known === undefined) return state;
  return { ...state, confidence: { ...state.confidence, [entry_id]: { ...known, ...change } } };
}

function changeRound(
  state: RoomState,
  round_id: string,
  change: (round: RoundView) => RoundView,
): RoomState {
  const rounds = state.rounds.map((round) => (round.round_id === round_id ? change(round) : round));
  return { ...state, rounds };
}

/** Entries after `setlist_changed`: `after` holds an added entry whole, else the changed fields. */
export function changedEntries(
  entries: readonly SetlistEntry[],
  change: SetlistChanged,
): readonly SetlistEntry[] {
  const byId = new Map(entries.map((entry) => [entry.entry_id, entry]));
  for (const { entry_id, kind, after } of change.entries) {
    if (kind === "removed") {
      byId.delete(entry_id);
      continue;
    }
    byId.set(entry_id, entryFrom(entry_id, { ...byId.get(entry_id), ...after }));
  }
  return [...byId.values()].sort(compareEntries);
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
