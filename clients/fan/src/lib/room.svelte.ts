/** The room as the components see it: reactive values, and what a person can do. */
import {
  addEntry,
  Api,
  ApiProblem,
  browserStorage,
  CommandRefused,
  editEntry,
  moveEntry,
  PositionExhausted,
  readEntries,
  removeEntry,
  RoomClient,
  SessionKeeper,
  STORAGE_TIMEOUT_MS,
  uuidv7,
  type CommandArgs,
  type CommandName,
  type Connection,
  type EntryEdit,
  type EntryProgress,
  type EntryRefusal,
  type NewEntry,
  type OutboxItem,
  type RoomState,
  type Session,
  type SetlistEntry,
  type ShowFacts,
  type Suggestion,
} from "@setroom/shared";
import { IndexeddbPersistence } from "y-indexeddb";
import * as Y from "yjs";
import { initialState, type Bootstrap } from "./bootstrap.ts";
import { refusalText, t } from "./i18n.ts";
import { toasts } from "./toasts.svelte.ts";

/** A document is thrown away because of a refusal at most once in this time, in milliseconds. */
const FRESH_DOCUMENT_EVERY_MS = 60_000;

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
  session = $state.raw<Session | null>(null);
  entering = $state(false);
  /** Whether the document may be edited: it is in step, or holds what this device knew. */
  editable = $state(false);

  /** What was last said to be likely next; asked for again whenever somebody wants to add. */
  suggestions = $state.raw<readonly Suggestion[] | null>(null);

  readonly #firstFacts: ShowFacts;
  readonly #storage = browserStorage();
  #client: RoomClient | null = null;
  #persistence: IndexeddbPersistence | null = null;
  #stored = false;
  #scheduled = false;
  #refreshed_at_ms = -FRESH_DOCUMENT_EVERY_MS;
  #join_code: string | null;

  constructor(bootstrap: Bootstrap, origin: string, join_code: string | null) {
    this.show_id = bootstrap.show.show_id;
    this.#firstFacts = bootstrap.show;
    this.keeper = new SessionKeeper(origin, this.#storage);
    this.api = new Api(origin, this.keeper);
    this.state = initialState(bootstrap);
    this.entries = this.state?.entries ?? [];
    this.session = this.keeper.current;
    this.#join_code = join_code;
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

  /** Whether this person may change the setlist now. */
  get mayEdit(): boolean {
    const open = this.isCrew || !this.state?.setlist_locked;
    return this.editable && open && this.may("update_setlist");
  }

  /** One tap: a guest, in the room. */
  async enter(join_code?: string): Promise<void> {
    if (join_code !== undefined) this.#join_code = join_code;
    this.entering = true;
    try {
      this.session = this.keeper.current ?? (await this.keeper.enterAsGuest());
      await this.open();
    } catch (error) {
      this.tell(error);
    } finally {
      this.entering = false;
    }
  }

  /** Opens the room for whoever is signed in; a document belongs to one person. */
  async open(): Promise<void> {
    this.leave();
    this.session = this.keeper.current;
    if (this.session === null) return;
    const key = `${this.show_id}:${this.session.account_id}`;
    const doc = new Y.Doc();
    this.#stored = false;
    this.#persistence = new IndexeddbPersistence(`setroom:${key}`, doc);
    const client = new RoomClient(
      {
        show_id: this.show_id,
        doc,
        ticketUrl: (signal) => this.api.ticketUrl(this.show_id, this.#join_code, signal),
        storage: this.#storage,
        storageKey: key,
        initial: this.state,
      },
      {
        change: () => this.#schedule(),
        refused: (_item, code, detail) => toasts.show(refusalText(code, detail), "bad"),
        documentRefused: () => void this.#startAfresh(),
      },
    );
    this.#client = client;
    this.#stored = await loaded(this.#persistence);
    if (this.#client === client) client.connect();
    void this.suggest();
    this.#schedule();
  }

  /** Closes the room's socket and lets go of the document. */
  leave(): void {
    this.#client?.destroy();
    this.#client = null;
    void this.#persistence?.destroy();
    this.#persistence = null;
  }

  /** Tries again at once; after a refusal with a new document. */
  async retry(): Promise<void> {
    if (this.#client === null) await this.enter();
    else this.#client.connect();
  }

  networkChanged(online: boolean): void {
    this.#client?.networkChanged(online);
  }

  // --- what a person can do ---------------------------------------------------------------

  /** Says a command; a refusal is shown by `refused` above. Whether it was done. */
  async command<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<boolean> {
    if (this.#client === null) return false;
    try {
      await this.#client.command(name, args);
      return true;
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      if (error.code === "outbox_full") toasts.show(t("refusal.outbox_full"), "bad");
      return false;
    }
  }

  react(kind: string): boolean {
    return this.#client?.passing("react", { kind }) ?? false;
  }

  add(song: Omit<NewEntry, "added_by">): string | null {
    const entry_id = uuidv7();
    const added_by = this.state?.you.participant_id;
    const done = this.#edit((doc) =>
      addEntry(doc, entry_id, { ...song, ...(added_by ? { added_by } : {}) }),
    );
    return done ? entry_id : null;
  }

  edit(entry_id: string, edit: EntryEdit): void {
    this.#edit((doc) => editEntry(doc, entry_id, edit));
  }

  move(entry_id: string, direction: "up" | "down"): void {
    this.#edit((doc) => moveEntry(doc, entry_id, direction));
  }

  remove(entry_id: string): void {
    this.#edit((doc) => removeEntry(doc, entry_id));
  }

  /** Asks what is likely next. Without an answer the older one stays, or none. */
  async suggest(): Promise<void> {
    try {
      this.suggestions = await this.api.suggestions(this.show_id);
    } catch {
      this.suggestions ??= [];
    }
  }

  dismiss(entry_id: string): void {
    this.#client?.progress.dismiss(entry_id);
    this.#schedule();
  }

  /** Says what went wrong with a call. */
  tell(error: unknown): void {
    if (error instanceof ApiProblem) toasts.show(refusalText(error.code, error.detail), "bad");
    else if (error instanceof TypeError) toasts.show(t("refusal.network"), "bad");
    else if (error instanceof Error) toasts.show(t("refusal.other", { detail: error.message }), "bad");
  }

  #edit(change: (doc: Y.Doc) => unknown): boolean {
    if (this.#client === null || !this.mayEdit) return false;
    try {
      change(this.#client.doc);
      return true;
    } catch (error) {
      if (!(error instanceof PositionExhausted)) throw error;
      toasts.show(t("setlist.no_room"), "bad");
      return false;
    }
  }

  // --- from the client to the page --------------------------------------------------------

  /** Many messages in one task change the page once. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#refresh();
    });
  }

  #refresh(): void {
    const client = this.#client;
    if (client === null) return;
    this.state = client.state;
    this.connection = client.connection;
    this.outbox = client.outbox.items;
    const pending = client.progress.pending;
    const saved = [...this.pending.keys()].filter((entry_id) => !pending.has(entry_id));
    if (saved.length) this.#showSaved(saved);
    this.pending = pending;
    this.refused = new Map(client.progress.refused);
    // Until the document has come, the page shows what the server wrote into it.
    const away = client.connection.kind === "offline" || client.connection.kind === "reconnecting";
    this.editable = client.synced || (this.#stored && (away || pending.size > 0));
    this.entries = this.editable ? readEntries(client.doc) : (client.state?.entries ?? []);
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
    this.#client?.destroy();
    this.#client = null;
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
