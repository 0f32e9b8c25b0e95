/**
 * What becomes of a command that cannot be sent at once, by its kind: how long it is worth
 * sending, and which older one it replaces. One table; what is not in it is a deed of the moment.
 */
import { CHAT_WORTH_S, DEED_WORTH_S, REQUEST_WORTH_S } from "./limits.ts";
import type { CommandArgs, CommandName } from "./wire.ts";

export interface OutboxRule<Name extends CommandName = CommandName> {
  /**
   * Seconds for which it is worth sending; `null`: always, because the server knows best
   * whether it comes too late; 0: only now, it is not kept at all.
   */
  worth_s: number | null;
  /** What it is about: a newer one about the same replaces one that was not sent. */
  subject?: (args: CommandArgs[Name]) => string;
}

const RULES: { readonly [Name in CommandName]?: OutboxRule<Name> } = {
  // A round's end may have been moved meanwhile: a late vote is judged by the server, and told.
  cast_vote: { worth_s: null, subject: ({ round_id }) => `vote:${round_id}` },
  withdraw_vote: { worth_s: null, subject: ({ round_id }) => `vote:${round_id}` },
  rate_entry: { worth_s: null, subject: ({ entry_id }) => `rating:${entry_id}` },
  confirm_entry: { worth_s: null, subject: ({ entry_id }) => `confirmation:${entry_id}` },
  upvote_song_request: {
    worth_s: null,
    subject: ({ song_request_id }) => `upvote:${song_request_id}`,
  },
  request_song: { worth_s: REQUEST_WORTH_S },
  // A quarter of an hour later nobody knows what a line was about.
  post_chat: { worth_s: CHAT_WORTH_S },
  remove_chat: { worth_s: null },
  react: { worth_s: 0 },
  set_now_playing: { worth_s: DEED_WORTH_S, subject: () => "now_playing" },
  mark_song_request: {
    worth_s: CHAT_WORTH_S,
    subject: ({ song_request_id }) => `mark:${song_request_id}`,
  },
};

/** The rule of a kind. */
export function ruleOf(name: CommandName): OutboxRule {
  return (RULES[name] as OutboxRule | undefined) ?? { worth_s: DEED_WORTH_S };
}

/** What a command is about, or `null`: it replaces nothing. */
export function subjectOf<Name extends CommandName>(
  name: Name,
  args: CommandArgs[Name],
): string | null {
  return ruleOf(name).subject?.(args) ?? null;
}
