/** Coming into a room and leaving it: who is in, over which connection, with which document. */
import {
  ApiProblem,
  STORAGE_TIMEOUT_MS,
  type Act,
  type EventMessage,
  type RoomState,
} from "@setroom/shared";
import type { IndexeddbPersistence, RoomClient, SetlistReader, Unsaved } from "@setroom/shared/live";
import type { Bootstrap } from "./bootstrap.ts";
import { refusalText, t } from "./i18n.ts";
import { Pace } from "./pace.ts";
import { RoomView } from "./room_view.svelte.ts";
import { toasts } from "./toasts.svelte.ts";

export type Live = typeof import("@setroom/shared/live");

/** The half of the client that is not needed to look on. A second call costs nothing. */
export const loadLive = (): Promise<Live> => import("@setroom/shared/live");

/** A document is thrown away because of a refusal at most once in this time, in milliseconds. */
const FRESH_DOCUMENT_EVERY_MS = 60_000;

/** Songs asked for at once: what people search when they wish for one. */
const SUGGESTIONS_ASKED = 50;

/** How long somebody who signs in waits for what was written before, in milliseconds. */
const SETTLE_MS = 3_000;

export class RoomDoor extends RoomView {
  protected live: Live | null = null;
  protected client: RoomClient | null = null;
  #reader: SetlistReader | null = null;
  #persistence: IndexeddbPersistence | null = null;
  #stored = false;
  protected readonly pace = new Pace(
    () => this.#read((source) => this.take(source)),
    () => this.#read((source) => this.takeOwn(source)),
  );
  #refreshed_at_ms = -FRESH_DOCUMENT_EVERY_MS;
  #wroteAnew = false;
  #join_code: string | null;
  /** Resolves when somebody is in for the first time. */
  readonly entered: Promise<void>;
  #isIn: () => void = () => undefined;
  /** Which call of `open` is the newest: an older one that still waits gives up. */
  #opening = 0;

  constructor(bootstrap: Bootstrap, origin: string, join_code: string | null) {
    super(bootstrap, origin);
    this.#join_code = join_code;
    this.entered = new Promise((resolve) => {
      this.#isIn = resolve;
    });
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
  async open(again: readonly Unsaved[] = []): Promise<void> {
    // The old connection is still who it was: what it has sent becomes durable before it ends.
    await this.client?.settled(SETTLE_MS);
    this.leave();
    this.session = this.keeper.current;
    if (this.session === null) return;
    const key = `${this.show_id}:${this.session.account_id}`;
    const opening = ++this.#opening;
    const live = await this.#load();
    if (live === null || opening !== this.#opening) return;
    this.live = live;
    const doc = new live.Doc();
    this.#stored = false;
    this.#persistence = new live.IndexeddbPersistence(`setroom:${key}`, doc);
    const client = new live.RoomClient(
      {
        show_id: this.show_id,
        doc,
        ticketUrl: (signal) => this.api.ticketUrl(this.show_id, this.#join_code, signal),
        request: (method, path, body, signal) => this.api.request(method, path, body, signal),
        storage: this.storage,
        storageKey: key,
        initial: this.state,
        again,
      },
      {
        change: () => this.pace.soon(),
        refused: (item, code, detail, meanwhile) => {
          const reason = this.refusalOf(code, detail, meanwhile);
          toasts.show(item === null ? t("setlist.not_kept", { reason }) : reason, "bad");
        },
        happened: (event, state) => this.happened(event, state),
        documentRefused: () => void this.#startAfresh(),
      },
    );
    this.client = client;
    this.#reader = new live.SetlistReader(doc);
    this.presence.attach(client.awareness, this.session.display_name);
    this.#stored = await loaded(this.#persistence);
    if (this.client === client) client.connect();
    this.#isIn();
    // Of a private room nothing is told before its code is given.
    if (this.show.access !== "private" || this.#join_code !== null) void this.suggest();
    this.pace.soon();
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
    this.pace.stop();
    this.presence.detach();
    this.#reader?.destroy();
    this.#reader = null;
    this.client?.destroy();
    this.client = null;
  }

  /** Tries again at once; after a refusal with a new document. */
  async retry(): Promise<void> {
    if (this.client === null) await this.enter();
    else this.client.connect();
  }

  networkChanged(online: boolean): void {
    if (online && this.client === null && this.session !== null) void this.enter();
    this.client?.networkChanged(online);
  }

  /** The person looks at the page again: what waits is sent now. */
  seen(): void {
    this.client?.seen();
  }

  /** Another tab changed what this device keeps. */
  storageChanged(key: string | null): void {
    this.client?.storageChanged(key);
  }

  /** Asks what is likely next. Without an answer the older one stays, or none. */
  async suggest(): Promise<void> {
    try {
      this.suggestions = await this.api.suggestions(this.show_id, SUGGESTIONS_ASKED);
    } catch {
      this.suggestions ??= [];
    }
  }

  /** Says what went wrong with a call. */
  tell(error: unknown): void {
    if (error instanceof ApiProblem) toasts.show(refusalText(error.code, error.detail), "bad");
    else if (error instanceof TypeError) toasts.show(t("refusal.network"), "bad");
    else if (error instanceof Error) toasts.show(t("refusal.other", { detail: error.message }), "bad");
  }

  /** A new document, and in it what was not saved; if that is refused as well, without it. */
  async #startAfresh(): Promise<void> {
    const now_ms = performance.now();
    const [persistence, client, live] = [this.#persistence, this.client, this.live];
    if (persistence === null || client === null || live === null) return;
    const soon = now_ms - this.#refreshed_at_ms < FRESH_DOCUMENT_EVERY_MS;
    if (soon && !this.#wroteAnew) return;
    const unsaved = soon ? [] : live.unsavedOf(client.doc, client.progress.pending.keys());
    this.#wroteAnew = unsaved.length > 0;
    this.#refreshed_at_ms = now_ms;
    this.#letGo();
    await persistence.clearData();
    await this.open(unsaved);
  }

  #read(take: (source: Parameters<RoomView["take"]>[0]) => void): void {
    if (this.client !== null) take({ client: this.client, reader: this.#reader, stored: this.#stored });
  }
}

/** Whether the browser's database gave back what it held, in time. */
function loaded(persistence: IndexeddbPersistence): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), STORAGE_TIMEOUT_MS);
  });
  return Promise.race([persistence.whenSynced.then(() => true), late]);
}
