/** The room as the components see it: reactive values, and what a person can do. */
import {
  Api,
  ApiProblem,
  browserStorage,
  CommandRefused,
  SessionKeeper,
  STORAGE_TIMEOUT_MS,
  uuidv7,
  type Ack,
  type Act,
  type CommandArgs,
  type CommandName,
  type Connection,
  type EntryEdit,
  type EntryProgress,
  type EntryRefusal,
  type EventMessage,
  type NewEntry,
  type OutboxItem,
  type OutboxRefusal,
  type RoomState,
  type Session,
  type SetlistEntry,
  type ShowFacts,
  type Suggestion,
} from "@setroom/shared";
import type { Doc, IndexeddbPersistence, RoomClient, SetlistReader } from "@setroom/shared/live";
import { initialState, type Bootstrap } from "./bootstrap.ts";
import { clock } from "./clock.svelte.ts";
import { refusalText, t } from "./i18n.ts";
import { Pace } from "./pace.ts";
import { Presence } from "./presence.svelte.ts";
import { toasts } from "./toasts.svelte.ts";

type Live = typeof import("@setroom/shared/live");

/** A song that its author added and the room refused. */
export type NotAdded = EntryRefusal & Pick<SetlistEntry, "title" | "section">;

/** Refusals that the show's code takes away. */
const ASKS_FOR_CODE = ["join_code_required", "join_code_invalid", "wrong_join_code", "not_admitted"];

/** The half of the client that is not needed to look on. A second call costs nothing. */
export const loadLive = (): Promise<Live> => import("@setroom/shared/live");

/** A document is thrown away because of a refusal at most once in this time, in milliseconds. */
const FRESH_DOCUMENT_EVERY_MS = 60_000;

/** Songs asked for at once: what people search when they wish for one. */
const SUGGESTIONS_ASKED = 50;

/** How long somebody who signs in waits for what was written before, in milliseconds. */
const SETTLE_MS = 3_000;

/** How long an entry says "saved" after it was, in milliseconds. */
const SAVED_SHOWN_MS = 2_500;

export class Room {
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

  readonly #firstFacts: ShowFacts;
  readonly #storage = browserStorage();
  #live: Live | null = null;
  #client: RoomClient | null = null;
  #reader: SetlistReader | null = null;
  #persistence: IndexeddbPersistence | null = null;
  #stored = false;
  readonly #pace = new Pace(() => this.#refresh());
  #refreshed_at_ms = -FRESH_DOCUMENT_EVERY_MS;
  #join_code: string | null;
  /** Resolves when somebody is in for the first time. */
  readonly entered: Promise<void>;
  #isIn: () => void = () => undefined;
  /** Which call of `open` is the newest: an older one that still waits gives up. */
  #opening = 0;
  /** Entries that are not durable, for when they are refused and gone. */
  readonly #unsaved = new Map<string, SetlistEntry>();

  constructor(bootstrap: Bootstrap, origin: string, join_code: string | null) {
    this.show_id = bootstrap.show.show_id;
    this.#firstFacts = bootstrap.show;
    this.keeper = new SessionKeeper(origin, this.#storage);
    this.api = new Api(origin, this.keeper);
    this.state = initialState(bootstrap);
    this.entries = this.state?.entries ?? [];
    this.session = this.keeper.current;
    this.#join_code = join_code;
    this.saved_at_ms = bootstrap.saved?.saved_at_ms ?? null;
    this.entered = new Promise((resolve) => {
      this.#isIn = resolve;
    });
  }

  /** The show, also for somebody who has not been let in yet. */
  get show(): ShowFacts {
    return this.state?.show ?? this.#firstFacts;
  }

  /** What this person may do here. */
  may(name: string): boolean {
    return this.session !== null && (this.state?.you.can.includes(name) ?? false);
  }

  get isCrew(): boolean {
    return this.may("open_round");
  }

  /** Whether the room wants the show's code before it lets this person in. */
  get asksForCode(): boolean {
    return this.connection.kind === "refused" && ASKS_FOR_CODE.includes(this.connection.code);
  }

  /** Whether this person may change the setlist now. */
  get mayEdit(): boolean {
    // Before the show and after it the list is the crew's, as it is while they lock it.
    const open = this.isCrew || (this.state?.show.status === "live" && !this.state.setlist_locked);
    return this.editable && open && this.may("update_setlist");
  }

  /** What this device's clock lacks to the server's, in milliseconds. */
  get offset_ms(): number {
    return this.api.offset_ms;
  }

  /** The server's time, in milliseconds since 1970; ticks while somebody looks at it. */
  get now_ms(): number {
    return clock.now_ms + this.api.offset_ms;
  }

  /** One tap: a guest, in the room. */
  async enter(join_code?: string): Promise<void> {
    if (join_code !== undefined) this.#join_code = join_code;
    this.entering = true;
    try {
      // Both at once: whoever enters waits for one round trip, not for one after the other.
      const [session] = await Promise.all([
        this.keeper.current ?? this.keeper.enterAsGuest(),
        this.#load(),
      ]);
      this.session = session;
      await this.open();
    } catch (error) {
      this.tell(error);
    } finally {
      this.entering = false;
    }
  }

  /** Opens the room for whoever is signed in; a document belongs to one person. */
  async open(): Promise<void> {
    // The old connection is still who it was: what it has sent becomes durable before it ends.
    await this.#client?.settled(SETTLE_MS);
    this.leave();
    this.session = this.keeper.current;
    if (this.session === null) return;
    const key = `${this.show_id}:${this.session.account_id}`;
    const opening = ++this.#opening;
    const live = await this.#load();
    if (live === null || opening !== this.#opening) return;
    this.#live = live;
    const doc = new live.Doc();
    this.#stored = false;
    this.#persistence = new live.IndexeddbPersistence(`setroom:${key}`, doc);
    const client = new live.RoomClient(
      {
        show_id: this.show_id,
        doc,
        ticketUrl: (signal) => this.api.ticketUrl(this.show_id, this.#join_code, signal),
        request: (method, path, body, signal) => this.api.request(method, path, body, signal),
        storage: this.#storage,
        storageKey: key,
        initial: this.state,
      },
      {
        change: () => this.#pace.soon(),
        refused: (item, code, detail, meanwhile) => {
          const reason = this.refusalOf(code, detail, meanwhile);
          toasts.show(item === null ? t("setlist.not_kept", { reason }) : reason, "bad");
        },
        happened: (event, state) => this.happened(event, state),
        documentRefused: () => void this.#startAfresh(),
      },
    );
    this.#client = client;
    this.#reader = new live.SetlistReader(doc);
    this.presence.attach(client.awareness, this.session.display_name);
    this.#stored = await loaded(this.#persistence);
    if (this.#client === client) client.connect();
    this.#isIn();
    void this.suggest();
    this.#pace.soon();
  }

  /** The live half, or `null` without a connection to fetch it over: the page then says so. */
  async #load(): Promise<Live | null> {
    try {
      const [live] = await Promise.all([loadLive(), this.prepare()]);
      return live;
    } catch {
      this.connection = { kind: "offline", reason: "no_network" };
      return null;
    }
  }

  /** Fetches what an app shows only inside the room. */
  protected prepare(): Promise<void> {
    return Promise.resolve();
  }

  /** Something happened in the room, now or while this page was away. */
  protected happened(event: EventMessage, state: RoomState): void {
    void event;
    void state;
  }

  /** Why something was refused, in words. `meanwhile`: what somebody else did first. */
  protected refusalOf(code: string, detail: string, meanwhile: Act | null): string {
    void meanwhile;
    return refusalText(code, detail);
  }

  /** Closes the room's socket and lets go of the document. */
  leave(): void {
    this.#opening += 1;
    this.#letGo();
    void this.#persistence?.destroy();
    this.#persistence = null;
  }

  #letGo(): void {
    this.#pace.stop();
    this.presence.detach();
    this.#reader?.destroy();
    this.#reader = null;
    this.#client?.destroy();
    this.#client = null;
  }

  /** Tries again at once; after a refusal with a new document. */
  async retry(): Promise<void> {
    if (this.#client === null) await this.enter();
    else this.#client.connect();
  }

  networkChanged(online: boolean): void {
    if (online && this.#client === null && this.session !== null) void this.enter();
    this.#client?.networkChanged(online);
  }

  /** The person looks at the page again: what waits is sent now. */
  seen(): void {
    this.#client?.seen();
  }

  /** Another tab changed what this device keeps. */
  storageChanged(key: string | null): void {
    this.#client?.storageChanged(key);
  }

  // --- what waits -------------------------------------------------------------------------

  /** Takes back what was not sent yet. Whether it could be. */
  cancel(command_id: string): boolean {
    return this.#client?.outbox.cancel(command_id) ?? false;
  }

  /** Sends what has waited for so long that it would not be sent. */
  sendAnyway(command_id: string): void {
    this.#client?.outbox.sendAnyway(command_id);
  }

  dismissRefusal(command_id: string): void {
    this.#client?.outbox.dismiss(command_id);
  }

  // --- what a person can do ---------------------------------------------------------------

  /** Says a command; a refusal is shown by `refused` above. Whether it was done. */
  async command<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<boolean> {
    return (await this.ask(name, args)) !== null;
  }

  /** The same, for what the server answers; `null` if it refused. */
  async ask<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<Ack["data"] | null> {
    if (this.#client === null) return null;
    try {
      const answer = this.#client.command(name, args);
      this.#pace.now();
      return (await answer).data;
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      if (error.code === "outbox_full") toasts.show(t("refusal.outbox_full"), "bad");
      return null;
    }
  }

  react(kind: string): boolean {
    return this.#client?.passing("react", { kind }) ?? false;
  }

  add(song: Omit<NewEntry, "added_by">): string | null {
    const entry_id = uuidv7();
    const added_by = this.state?.you.participant_id;
    const done = this.#edit((doc, live) =>
      live.addEntry(doc, entry_id, { ...song, ...(added_by ? { added_by } : {}) }),
    );
    return done ? entry_id : null;
  }

  edit(entry_id: string, edit: EntryEdit): void {
    this.#edit((doc, live) => live.editEntry(doc, entry_id, edit));
  }

  move(entry_id: string, direction: "up" | "down"): void {
    this.#edit((doc, live) => live.moveEntry(doc, entry_id, direction));
  }

  /** To a place among the other entries of a section, from 0. */
  moveTo(entry_id: string, section: string, index: number): void {
    this.#edit((doc, live) => live.placeEntry(doc, entry_id, section, index));
  }

  /** Puts what was removed back where it stood, as a new entry; its id. */
  putBack(entry: SetlistEntry, index: number): string | null {
    const { title, section, segue, song_id, artist, guests, note } = entry;
    const kept = Object.entries({ song_id, artist, guests, note }).filter(([, text]) => text !== undefined);
    const entry_id = this.add({ title, section, segue, ...Object.fromEntries(kept) });
    if (entry_id !== null) this.moveTo(entry_id, section, index);
    return entry_id;
  }

  remove(entry_id: string): void {
    this.#edit((doc, live) => live.removeEntry(doc, entry_id));
  }

  /** Asks what is likely next. Without an answer the older one stays, or none. */
  async suggest(): Promise<void> {
    try {
      this.suggestions = await this.api.suggestions(this.show_id, SUGGESTIONS_ASKED);
    } catch {
      this.suggestions ??= [];
    }
  }

  dismiss(entry_id: string): void {
    this.#client?.progress.dismiss(entry_id);
    this.#pace.now();
  }

  /** Says what went wrong with a call. */
  tell(error: unknown): void {
    if (error instanceof ApiProblem) toasts.show(refusalText(error.code, error.detail), "bad");
    else if (error instanceof TypeError) toasts.show(t("refusal.network"), "bad");
    else if (error instanceof Error) toasts.show(t("refusal.other", { detail: error.message }), "bad");
  }

  #edit(change: (doc: Doc, live: Live) => unknown): boolean {
    const live = this.#live;
    if (this.#client === null || live === null || !this.mayEdit) return false;
    try {
      change(this.#client.doc, live);
      this.#pace.now();
      return true;
    } catch (error) {
      if (!(error instanceof live.PositionExhausted)) throw error;
      toasts.show(t("setlist.no_room"), "bad");
      return false;
    }
  }

  // --- from the client to the page --------------------------------------------------------

  #refresh(): void {
    const client = this.#client;
    if (client === null) return;
    this.state = client.state;
    this.connection = client.connection;
    this.outbox = client.outbox.items;
    this.refusals = client.outbox.refusals;
    const pending = client.progress.pending;
    const saved = [...this.pending.keys()].filter((entry_id) => !pending.has(entry_id));
    if (this.pending.size + pending.size > 0) this.pending = pending;
    if (this.refused.size + client.progress.refused.size > 0) this.refused = new Map(client.progress.refused);
    const kept = saved.filter((entry_id) => !this.refused.has(entry_id));
    if (kept.length) this.#showSaved(kept);
    // Until the document has come, the page shows what the server wrote into it.
    const away = client.connection.kind === "offline" || client.connection.kind === "reconnecting";
    this.editable = client.synced || (this.#stored && (away || pending.size > 0));
    this.entries = (this.editable ? this.#reader?.read() : client.state?.entries) ?? [];
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

  async #startAfresh(): Promise<void> {
    const now_ms = performance.now();
    const persistence = this.#persistence;
    if (now_ms - this.#refreshed_at_ms < FRESH_DOCUMENT_EVERY_MS || persistence === null) return;
    this.#refreshed_at_ms = now_ms;
    this.#letGo();
    await persistence.clearData();
    await this.open();
  }
}

/** Whether the browser's database gave back what it held, in time. */
function loaded(persistence: IndexeddbPersistence): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), STORAGE_TIMEOUT_MS);
  });
  return Promise.race([persistence.whenSynced.then(() => true), late]);
}
