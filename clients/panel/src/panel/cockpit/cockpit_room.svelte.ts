/** The room as the cockpit drives it: with what only crew knows, and who did what. */
import type { Act, Actor, CommandArgs, CommandName, EventMessage, Moderation, RoomState } from "@setroom/shared";
import { crewAfter, type CrewState } from "@setroom/shared/crew_state";
import { Room } from "@setroom/shared/ui/room.svelte.ts";
import { toasts } from "@setroom/shared/ui/toasts.svelte.ts";
import { DEEDS_KEPT, deedOf, deedOfAct, sentence, type Deed } from "./deeds.ts";
import { isNowOrNever } from "./drive.ts";
import { t, type TextKey } from "./i18n.ts";

/** Somebody else at the desk, and what they did last. */
export interface Driver extends Actor {
  deed: Deed;
}

/** Whoever did nothing for so long is not driving, in milliseconds. */
const DRIVING_MS = 10 * 60_000;

const NOTHING: CrewState = {
  moderation: { held: [], reports: [], word_filter: { mode: "hold", words: [] }, muted: [], removed: [] },
  acts: {},
};

export class CockpitRoom extends Room {
  /** What was done since this page was opened, the latest last. */
  #since = $state.raw<readonly Deed[]>([]);
  /** The crew's part of the newest snapshot, and what the events after it made of it. */
  #crew = $state.raw<{ base: CrewState | null; now: CrewState }>({ base: null, now: NOTHING });

  get #crewNow(): CrewState {
    const base = this.state?.crew ?? null;
    return this.#crew.base === base ? this.#crew.now : (base ?? NOTHING);
  }

  get moderation(): Moderation {
    return this.#crewNow.moderation;
  }

  /** What was last done to something, by a round's or a wish's id, or by its name. */
  act(subject: string): Act | undefined {
    return this.#crewNow.acts[subject];
  }

  /** What was done, the latest first; older deeds as far as the snapshot tells them. */
  get deeds(): readonly Deed[] {
    const before = Object.entries(this.#crewNow.acts).flatMap(([subject, act]) => {
      const deed = deedOfAct(act, this.#titleOf(subject));
      return deed === null || this.#since.some(({ seq }) => seq === deed.seq) ? [] : [deed];
    });
    return [...before, ...this.#since].sort((a, b) => b.seq - a.seq).slice(0, DEEDS_KEPT);
  }

  /** Who else is driving, the latest first. */
  get drivers(): readonly Driver[] {
    const own_id = this.state?.you.participant_id;
    const found = new Map<string, Driver>();
    for (const deed of this.deeds) {
      const { by } = deed;
      if (by === null || by.participant_id === own_id || found.has(by.participant_id)) continue;
      if (this.now_ms - Date.parse(deed.at) < DRIVING_MS) found.set(by.participant_id, { ...by, deed });
    }
    return [...found.values()];
  }

  /** Whether commands reach the room at once. */
  get isLive(): boolean {
    return this.connection.kind === "live";
  }

  /** Whether a command like this awaits the server's word. `about`: an id among its arguments. */
  awaits(name: CommandName, about?: string): boolean {
    return this.outbox.some(
      (item) => item.name === name && (about === undefined || Object.values(item.args).includes(about)),
    );
  }

  /** Says a command at the right time: what must not be late is refused here without a connection. */
  async drive<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<boolean> {
    if (isNowOrNever(name) && !this.mayNow()) return false;
    return this.command(name, args);
  }

  /** Whether something can be done at this moment; says so if not. */
  mayNow(): boolean {
    if (!this.isLive) toasts.show(t("cockpit.not_now"), "bad");
    return this.isLive;
  }

  protected override happened(event: EventMessage, state: RoomState): void {
    const base = state.crew;
    const before = this.#crew.base === base ? this.#crew.now : (base ?? NOTHING);
    const now = crewAfter(before, event);
    // Most of what happens is no crew's business: nothing that shows it is drawn for that.
    if (now !== before || this.#crew.base !== base) this.#crew = { base, now };
    const deed = deedOf(event, state);
    if (deed !== null) this.#since = [...this.#since, deed].slice(-DEEDS_KEPT);
  }

  protected override refusalOf(code: string, detail: string, meanwhile: Act | null): string {
    if (meanwhile === null) return super.refusalOf(code, detail, meanwhile);
    const deed = deedOfAct(meanwhile, "");
    const own_id = this.state?.you.participant_id ?? "";
    if (deed === null || deed.by === null) return super.refusalOf(code, detail, meanwhile);
    const key = `meanwhile.${deed.what}` as TextKey;
    const name = deed.by.participant_id === own_id ? t("did.you") : deed.by.display_name;
    return t(key, { name }) === key ? sentence(deed, own_id) : t(key, { name });
  }

  #titleOf(subject: string): string {
    const round = this.state?.rounds.find(({ round_id }) => round_id === subject);
    if (round !== undefined) return round.config.title;
    const queues = Object.values(this.state?.song_requests ?? {});
    const wishes = queues.flatMap(({ requests }) => requests);
    const wish = wishes.find(({ song_request_id }) => song_request_id === subject);
    if (wish !== undefined) return wish.title;
    if (subject === "now_playing") return this.state?.now_playing?.title ?? "";
    return subject === "announcement" ? (this.state?.announcement?.text ?? "") : "";
  }
}
