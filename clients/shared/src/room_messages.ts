/**
 * Old state + messages = fresh state: `applyMessage` is pure, and a client that applied every
 * event holds what a new snapshot would hold.
 */
import { changedBy, changeRound } from "./room_events.ts";
import { fromSnapshot, type RoomState } from "./room_state.ts";
import type { EventMessage, ServerMessage, StateMessage, Welcome } from "./wire.ts";

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
    case "pulse":
      return { ...next, pulse: message.data };
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
