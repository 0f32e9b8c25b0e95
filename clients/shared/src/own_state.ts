/** What the room knows of this person, after their own commands were acknowledged. */
import type { RoomState } from "./room_state.ts";
import type { OwnBallot, OwnHeldChat, Pick as BallotPick } from "./wire.ts";

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

/**
 * The own word as it counts, after the answer to one that came too late to be the last: this
 * person said something else since, from another device or by text.
 */
export function withWhatCounts(
  state: RoomState,
  told: Readonly<Record<string, unknown>>,
): RoomState {
  const { round_id, picks, entry_id, value, song_request_id, up } = told;
  if (typeof round_id === "string" && Array.isArray(picks)) {
    return withOwnBallot(state, round_id, picks as readonly BallotPick[]);
  }
  if (typeof entry_id === "string" && typeof value === "number") {
    return withOwnRating(state, entry_id, value);
  }
  if (typeof song_request_id === "string" && typeof up === "boolean") {
    return withOwnUpvote(state, song_request_id, up);
  }
  return state;
}

/** The own lines that wait for crew, after one was held. */
export function withOwnHeld(state: RoomState, line: OwnHeldChat): RoomState {
  const { you } = withoutOwnHeld(state, line.chat_message_id);
  return { ...state, you: { ...you, held: [...you.held, line] } };
}

/** The same, after the crew posted the line or discarded it. */
export function withoutOwnHeld(state: RoomState, chat_message_id: string): RoomState {
  const held = state.you.held.filter((line) => line.chat_message_id !== chat_message_id);
  return held.length === state.you.held.length ? state : { ...state, you: { ...state.you, held } };
}
