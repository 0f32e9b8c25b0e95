/**
 * Which of the crew's commands may be late. What the audience sees change at a moment is done
 * now or not at all: a round that closes minutes after the tap is a mistake, and the tap was
 * forgotten. What holds whenever it arrives waits in the outbox.
 */
import type { CommandName } from "@setroom/shared";

const NOW_OR_NEVER: ReadonlySet<CommandName> = new Set<CommandName>([
  "announce",
  "cancel_round",
  "close_round",
  "decide_tie",
  "extend_round",
  "open_round",
  "reveal_round",
  "seal_setlist",
  "set_now_playing",
  "unseal_setlist",
  "withdraw_announcement",
]);

/** Whether a command is refused at once where it cannot be sent at once. */
export function isNowOrNever(name: CommandName): boolean {
  return NOW_OR_NEVER.has(name);
}
