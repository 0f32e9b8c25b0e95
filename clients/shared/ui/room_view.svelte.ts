/** The room as the components see it: reactive values, brought up to date from the client. */
import {
  Api,
  browserStorage,
  SessionKeeper,
  type Connection,
  type EntryProgress,
  type EntryRefusal,
  type OutboxItem,
  type OutboxRefusal,
  type RoomState,
  type Session,
  type SetlistEntry,
  type ShowFacts,
  type Suggestion,
} from "@setroom/shared";
import type { RoomClient, SetlistReader } from "@setroom/shared/live";
import { initialState, type Bootstrap } from "./bootstrap.ts";
import { clock } from "./clock.svelte.ts";
import { Presence } from "./presence.svelte.ts";

/** A song that its author added and the room refused. */
export type NotAdded = EntryRefusal & Pick<SetlistEntry, "title" | "section">;

/** Refusals that the show's code takes away. */
const ASKS_FOR_CODE = ["join_code_required", "join_code_invalid", "wrong_join_code", "not_admitted"];

/** How long an entry says "saved" after it was, in milliseconds. */
const SAVED_SHOWN_MS = 2_500;

/** A client and what reads its document. */
interface Source {
  client: RoomClient;
  reader: SetlistReader | null;
  /** Whether this device held the document before the network gave it. */
  stored: boolean;
}

export class RoomView {
  readonly show_id: string;
  readonly api: Api;
  readonly keeper: SessionKeeper;
  state = $state.raw<RoomState | null>(null);
  connection = $state.raw<Connection>({ kind: "connecting" });
  entries = $state.raw<readonly SetlistEntry[]>([]);
  pending = $state.raw<ReadonlyMap<string, EntryProgress>>(new Map());
  refused = $state.raw<ReadonlyMap<string, EntryRefusal>>(new Map());
  justSaved = $state.raw<ReadonlySet<string>>(new Set());
  outbox = $state.raw<readonly OutboxItem[]>([]);
  /** What was refused long after the tap, for the person to read. */
  refusals = $state.raw<readonly OutboxRefusal[]>([]);
  session = $state.raw<Session | null>(null);
  entering = $state(false);
  /** Whether the document may be edited: it is in step, or holds what this device knew. */
  editable = $state(false);

  /** Own additions that the room did not keep, by the title they had. */
  notAdded = $state.raw<readonly NotAdded[]>([]);

  /** What was last said to be likely next; asked for again whenever somebody wants to add. */
  suggestions = $state.raw<readonly Suggestion[] | null>(null);

  /** Who is editing which entry. */
  readonly presence = new Presence();

  /** On a page that no server wrote: when this device last knew better, in ms since 1970. */
  readonly saved_at_ms: number | null;

  protected readonly storage = browserStorage();
  readonly #firstFacts: ShowFacts;
  /** Entries that are not durable, for when they are refused and gone. */
  readonly #unsaved = new Map<string, SetlistEntry>();

  // Asked for by every row of a long list: found out once for all of them.
  readonly #you = $derived(this.state?.you);
  readonly #can = $derived(new Set(this.session === null ? [] : this.#you?.can));

  /** Whether this person helps to run the show. */
  readonly isCrew = $derived(this.may("open_round"));

  /** Whether this person may change the setlist now. */
  readonly mayEdit = $derived(
    // Before the show and after it the list is the crew's, as it is while they lock it.
    this.editable && this.may("update_setlist")
      && (this.isCrew || (this.state?.show.status === "live" && !this.state.setlist_locked)),
  );

  constructor(bootstrap: Bootstrap, origin: string) {
    this.show_id = bootstrap.show.show_id;
    this.#firstFacts = bootstrap.show;
    this.keeper = new SessionKeeper(origin, this.storage);
    this.api = new Api(origin, this.keeper);
    this.state = initialState(bootstrap);
    this.entries = this.state?.entries ?? [];
    this.session = this.keeper.current;
    this.saved_at_ms = bootstrap.saved?.saved_at_ms ?? null;
  }

  /** The show, also for somebody who has not been let in yet. */
  get show(): ShowFacts {
    return this.state?.show ?? this.#firstFacts;
  }

  /** What this person may do here. */
  may(name: string): boolean {
    return this.#can.has(name);
  }

  /** Whether the room wants the show's code before it lets this person in. */
  get asksForCode(): boolean {
    return this.connection.kind === "refused" && ASKS_FOR_CODE.includes(this.connection.code);
  }

  /** What this device's clock lacks to the server's, in milliseconds. */
  get offset_ms(): number {
    return this.api.offset_ms;
  }

  /** The server's time, in milliseconds since 1970; ticks while somebody looks at it. */
  get now_ms(): number {
    return clock.now_ms + this.api.offset_ms;
  }

  /** Takes over all that is new. */
  protected take(source: Source): void {
    this.state = source.client.state;
    this.outbox = source.client.outbox.items;
    this.takeOwn(source);
  }

  /** Takes over what this person did, and the list: what a finger waits for. */
  protected takeOwn({ client, reader, stored }: Source): void {
    this.connection = client.connection;
    // What was answered goes with the state that has it: until then it is shown as it was.
    const { items } = client.outbox;
    const answered = this.outbox.filter(({ command_id }) => items.every((item) => item.command_id !== command_id));
    this.outbox = answered.length > 0 ? [...answered, ...items] : items;
    this.refusals = client.outbox.refusals;
    const pending = client.progress.pending;
    const saved = [...this.pending.keys()].filter((entry_id) => !pending.has(entry_id));
    if (this.pending.size + pending.size > 0) this.pending = pending;
    if (this.refused.size + client.progress.refused.size > 0) this.refused = new Map(client.progress.refused);
    const kept = saved.filter((entry_id) => !this.refused.has(entry_id));
    if (kept.length) this.#showSaved(kept);
    // Until the document has come, the page shows what the server wrote into it.
    const away = client.connection.kind === "offline" || client.connection.kind === "reconnecting";
    this.editable = client.synced || (stored && (away || pending.size > 0));
    this.entries = (this.editable ? reader?.read() : client.state?.entries) ?? [];
    this.#nameRefused();
  }

  /** What was refused and is gone again is still named to whoever wrote it. */
  #nameRefused(): void {
    if (this.pending.size + this.refused.size + this.notAdded.length === 0) return;
    const there = new Map(this.entries.map((entry) => [entry.entry_id, entry]));
    for (const entry_id of this.pending.keys()) {
      const entry = there.get(entry_id);
      if (entry !== undefined) this.#unsaved.set(entry_id, entry);
    }
    this.notAdded = [...this.refused.values()].flatMap((refusal) => {
      const entry = this.#unsaved.get(refusal.entry_id);
      if (there.has(refusal.entry_id) || entry === undefined) return [];
      return [{ ...refusal, title: entry.title, section: entry.section }];
    });
  }

  #showSaved(entry_ids: readonly string[]): void {
    this.justSaved = new Set([...this.justSaved, ...entry_ids]);
    setTimeout(() => {
      this.justSaved = new Set([...this.justSaved].filter((id) => !entry_ids.includes(id)));
    }, SAVED_SHOWN_MS);
  }
}
