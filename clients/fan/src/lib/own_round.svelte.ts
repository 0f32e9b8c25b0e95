/** What a round is to the person who looks at it. */
import { picksOne, type Count, type OutboxItem, type Picks, type RoundView } from "@setroom/shared";
import type { TextKey } from "./i18n.ts";
import type { Stage } from "./stage.ts";

const HIDDEN_OPEN: Readonly<Record<string, TextKey>> = {
  after_vote: "round.after_vote",
  on_close: "round.hidden",
  manual: "round.hidden_manual",
  never: "round.hidden_never",
};

export class OwnRound {
  readonly #room: () => Stage;
  readonly #round: () => RoundView;

  constructor(room: () => Stage, round: () => RoundView) {
    this.#room = room;
    this.#round = round;
  }

  get open(): boolean {
    return this.#round().status === "open" || this.#round().status === "grace";
  }

  /** Taken away or corrected: nothing of it counts. */
  get gone(): boolean {
    return this.#round().status === "cancelled" || this.#round().status === "superseded";
  }

  /** What may be seen of the count. */
  get count(): Count | null {
    return this.#round().result ?? this.#round().tally ?? null;
  }

  /** The own vote or its withdrawal, on its way. */
  get waiting(): OutboxItem<"cast_vote"> | OutboxItem<"withdraw_vote"> | undefined {
    const { round_id } = this.#round();
    return this.#room().outbox.findLast((item) => isVote(item) && item.args.round_id === round_id) as
      | OutboxItem<"cast_vote">
      | OutboxItem<"withdraw_vote">
      | undefined;
  }

  /** The ballot that the server holds. */
  get ballot(): Picks {
    const { round_id } = this.#round();
    return this.#room().state?.you.ballots.find((own) => own.round_id === round_id)?.picks ?? [];
  }

  /** The ballot as it will be once everything has arrived. */
  get picks(): Picks {
    const waiting = this.waiting;
    if (waiting === undefined) return this.ballot;
    return "picks" in waiting.args ? waiting.args.picks : [];
  }

  /** Cast, and not to be changed. */
  get final(): boolean {
    return this.#round().config.change === "never" && this.ballot.length > 0;
  }

  /** Whoever is not in yet may tap as well, and is in by that. */
  get mayVote(): boolean {
    const room = this.#room();
    const newcomer = room.session === null && !room.entering && picksOne(this.#round().config);
    return this.open && this.left_s !== 0 && !this.final && (newcomer || room.may("cast_vote"));
  }

  get mayWithdraw(): boolean {
    // In a queue single wishes are supported, and no longer, where they stand.
    const queue = this.#round().config.type === "queue";
    const settled = this.picks.length > 0 && !this.waiting && !this.final && !queue;
    return this.open && this.left_s !== 0 && settled && this.#room().may("withdraw_vote");
  }

  /** Seconds until taps no longer count; `null`: until the crew closes it. */
  get left_s(): number | null {
    const { closes_at } = this.#round();
    if (!this.open || !closes_at) return null;
    if (this.#round().status === "grace") return 0;
    return Math.max(0, (Date.parse(closes_at) - this.#room().now_ms) / 1000);
  }

  /** The part of the time that is left, from 0 to 1. */
  get left_share(): number {
    const { opened_at, closes_at } = this.#round();
    if (this.left_s === null || !opened_at || !closes_at) return 1;
    const whole_ms = Date.parse(closes_at) - Date.parse(opened_at);
    return Math.min(1, (this.left_s * 1000) / Math.max(1, whole_ms));
  }

  /** The one thing to say below the options. */
  get hint(): TextKey | null {
    const { config, result, status } = this.#round();
    if (!this.open) {
      if (result) return null;
      return config.visibility === "never" ? "round.hidden_never" : "round.hidden_closed";
    }
    if (this.left_s === 0) {
      return status === "grace" ? "round.counting_texts" : "round.counting";
    }
    if (this.waiting) return "round.choice_waiting";
    if (this.final) return "round.final";
    if (config.type === "queue") return null;
    if (this.picks.length > 0) return config.change === "never" ? "round.final" : "round.change";
    if (this.count !== null) return this.left_s === null ? "round.by_hand" : null;
    return HIDDEN_OPEN[config.visibility] ?? null;
  }

  /** Who alone may vote, where that is not everybody. */
  get needs(): TextKey | null {
    const { identity, attendance } = this.#round().config.who;
    if (!this.open || this.ballot.length > 0) return null;
    if (identity === "account" && this.#room().session?.guest !== false) return "round.needs_account";
    if (identity === "phone") return "round.needs_phone";
    return attendance === "checked_in" ? "round.needs_check_in" : null;
  }

  /** Why the count is not there although the person has voted. */
  get hidden(): TextKey | null {
    const { visibility } = this.#round().config;
    const unseen = this.open && this.count === null && this.picks.length > 0;
    return unseen && visibility !== "after_vote" ? (HIDDEN_OPEN[visibility] ?? null) : null;
  }

  async cast(picks: Picks): Promise<void> {
    const room = this.#room();
    if (room.session === null) await room.enter();
    await room.command("cast_vote", { round_id: this.#round().round_id, picks });
  }

  async withdraw(): Promise<void> {
    await this.#room().command("withdraw_vote", { round_id: this.#round().round_id });
  }
}

function isVote(item: OutboxItem): item is OutboxItem<"cast_vote" | "withdraw_vote"> {
  return item.name === "cast_vote" || item.name === "withdraw_vote";
}
