/** What a waiting command is, in words that its author knows. */
import type { CommandArgs, CommandName, OutboxItem } from "@setroom/shared";
import type { Room } from "../../lib/room.svelte.ts";
import { w } from "./words.ts";

const is = <Name extends CommandName>(item: OutboxItem, name: Name): item is OutboxItem<Name> => item.name === name;

/** One line about it. */
export function described(room: Room, item: OutboxItem): string {
  if (is(item, "cast_vote")) return w("kind.cast_vote", { what: votedFor(room, item.args) });
  if (is(item, "withdraw_vote")) return w("kind.withdraw_vote");
  if (is(item, "post_chat")) return w("kind.post_chat", { what: item.args.text });
  if (is(item, "request_song")) return w("kind.request_song", { what: wished(room, item.args) });
  if (is(item, "upvote_song_request")) return w("kind.upvote_song_request");
  if (is(item, "rate_entry")) return w("kind.rate_entry", { what: title(room, item.args.entry_id) });
  if (is(item, "set_now_playing")) {
    return w("kind.set_now_playing", { what: title(room, item.args.entry_id ?? "") });
  }
  return w("kind.other");
}

/** Whether a vote's round is over, as far as this page knows. Its end may have been moved. */
export function isLate(room: Room, item: OutboxItem): boolean {
  if (!is(item, "cast_vote") && !is(item, "withdraw_vote")) return false;
  const round = room.state?.rounds.find((other) => other.round_id === item.args.round_id);
  if (round === undefined) return false;
  if (round.status !== "open") return true;
  return round.closes_at ? Date.parse(round.closes_at) < room.now_ms : false;
}

function votedFor(room: Room, args: CommandArgs["cast_vote"]): string {
  const round = room.state?.rounds.find((other) => other.round_id === args.round_id);
  const labels = args.picks.map(
    ({ option_id }) => round?.config.options.find((option) => option.id === option_id)?.label ?? "…",
  );
  return labels.join(", ");
}

function wished(room: Room, args: CommandArgs["request_song"]): string {
  const known = room.suggestions?.find((song) => song.song_id !== null && song.song_id === args.song_id);
  return args.title ?? known?.title ?? "…";
}

function title(room: Room, entry_id: string): string {
  return room.entries.find((entry) => entry.entry_id === entry_id)?.title ?? "…";
}
