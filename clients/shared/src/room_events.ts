/** What each event makes of the room. Pure: `room_state.ts` says in which order they come. */
import { compareEntries, entryFrom, type SetlistEntry } from "./entries.ts";
import { CHAT_MESSAGES_KEPT } from "./limits.ts";
import { withoutOwnHeld } from "./own_state.ts";
import { UNDECIDED, type RoomState } from "./room_state.ts";
import type { Confidence, EventMessage, RoundView, SetlistChanged, Timestamp } from "./wire.ts";

/** What the server writes for "until further notice". */
export const FOREVER: Timestamp = "9999-01-01T00:00:00Z";

/** The room after an event. */
export function changedBy(state: RoomState, event: EventMessage): RoomState {
  switch (event.name) {
    case "chat_posted": {
      const line = { ...event.data, role: event.data.role ?? "fan", at: event.at };
      const decided = withoutOwnHeld(state, line.chat_message_id);
      return { ...decided, chat: [...state.chat, line].slice(-CHAT_MESSAGES_KEPT) };
    }
    case "chat_removed": {
      const gone = event.data.chat_message_id;
      const chat = state.chat.filter((line) => line.chat_message_id !== gone);
      return { ...withoutOwnHeld(state, gone), chat };
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
      const { text, display_name, announcement_id = "" } = event.data;
      return { ...state, announcement: { text, display_name, at: event.at, announcement_id } };
    }
    case "announcement_withdrawn":
      return { ...state, announcement: null };
    case "participant_muted": {
      if (event.data.participant_id !== state.you.participant_id) return state;
      const muted_until = event.data.lifted ? null : (event.data.until ?? FOREVER);
      return { ...state, you: { ...state.you, muted_until } };
    }
    case "show_status_changed":
      return { ...state, show: { ...state.show, status: event.data.status } };
    case "round_opened":
    case "round_extended":
    case "round_grace_started":
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
      return changeRound(state, round_id, (round) => ({ ...round, status: "open", closes_at }));
    }
    case "round_grace_started":
      return changeRound(state, event.data.round_id, (round) => ({ ...round, status: "grace" }));
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
    // Its author supports it; in a round that may be a secret.
    const support = round_id ? {} : { upvotes: 1 };
    const view = { ...request, ...support, status: "waiting", requested_at: event.at };
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

/** The room with one round changed. */
export function changeRound(
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
