/**
 * The room's client: one socket, the document, the room's state and the outbox.
 *
 * It knows no page and no framework: a page listens, and calls what a person can do.
 */
import { removeAwarenessStates } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import type * as Y from "yjs";
import { Backoff } from "./backoff.ts";
import { closePolicy } from "./closing.ts";
import type { Connection } from "./connection.ts";
import { uuidv7 } from "./ids.ts";
import {
  ATTEMPTS_BEFORE_OFFLINE,
  OUTBOX_BURST,
  OUTBOX_PAUSE_MS,
  WELCOME_TIMEOUT_MS,
} from "./limits.ts";
import { commandMessage, Outbox, type OutboxItem } from "./outbox.ts";
import { SetlistProgress } from "./progress.ts";
import { RoomSocket, type SocketLink } from "./room_socket.ts";
import { withOwnBallot, withOwnRating, withOwnUpvote } from "./own_state.ts";
import { applyMessage, LogGap } from "./room_messages.ts";
import type { RoomState } from "./room_state.ts";
import { entriesOf } from "./setlist.ts";
import type { KeyValueStorage } from "./storage.ts";
import { TicketRefused } from "./ticket.ts";
import {
  SUBPROTOCOL,
  type Ack,
  type CommandArgs,
  type CommandName,
  type EventMessage,
  type Reject,
  type ServerMessage,
} from "./wire.ts";

export interface RoomClientOptions {
  show_id: string;
  doc: Y.Doc;
  /** The socket's URL with a new ticket. @throws TicketRefused when it is no use to ask again. */
  ticketUrl: (signal: AbortSignal) => Promise<string>;
  storage: KeyValueStorage;
  /** Names this show and this person in the storage. */
  storageKey: string;
  openSocket?: (url: string, protocol: string) => WebSocket;
  random?: () => number;
  now?: () => number;
  /** What the page's first HTML knew, shown until the room answers. */
  initial?: RoomState | null;
}

export interface RoomClientEvents {
  /** Anything that a page shows has changed. */
  change(): void;
  refused(item: OutboxItem | null, code: string, detail: string): void;
  /** Something happened in the room, now or while this page was away. */
  happened?(event: EventMessage, state: RoomState): void;
  /** The server refused this document's updates: throw it away and start with a new one. */
  documentRefused(): void;
}

export class RoomClient {
  readonly doc: Y.Doc;
  readonly outbox: Outbox;
  readonly progress: SetlistProgress;
  #state: RoomState | null;
  #connection: Connection = { kind: "connecting" };
  #socket: RoomSocket | null = null;
  #welcomed = false;
  #wait_s = 0;
  /** The next attempt is made at once: the first one, and when the person asks for it. */
  #atOnce = true;
  #online = true;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #flushing: ReturnType<typeof setTimeout> | undefined;
  #destroyed = false;
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  readonly #provider: WebsocketProvider;
  readonly #backoff: Backoff;
  readonly #options: RoomClientOptions;
  readonly #events: RoomClientEvents;
  /** Whether the state came over a socket, so that its place in the log may be resumed. */
  #resumable = false;
  #synced = false;

  constructor(options: RoomClientOptions, events: RoomClientEvents) {
    this.#options = options;
    this.#events = events;
    this.doc = options.doc;
    this.#state = options.initial ?? null;
    this.outbox = new Outbox(options.storage, `setroom:outbox:${options.storageKey}`);
    this.progress = new SetlistProgress(options.storage, `setroom:unsaved:${options.storageKey}`);
    this.#backoff = new Backoff(options.random);
    // Before the provider listens: its handler sends what these observers announce.
    entriesOf(this.doc).observeDeep(this.#onEntries);
    this.#provider = new WebsocketProvider("ws://room", options.show_id, this.doc, {
      connect: false,
      disableBc: true,
      // The pause between attempts is ours: the provider has neither jitter nor reasons.
      maxBackoffTime: 0,
      shouldReconnect: (event) => this.#comesBack(event.code, event.reason),
      WebSocketPolyfill: this.#socketClass() as unknown as typeof WebSocket,
    });
    this.doc.on("update", this.#onUpdate);
    this.#provider.on("sync", (synced: boolean) => {
      this.#synced ||= synced;
      this.#events.change();
    });
    // The audience is a head count: only who edits shows up in awareness.
    this.#provider.awareness.setLocalState(null);
  }

  get state(): RoomState | null {
    return this.#state;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Whether the document has been in step with the room since it was opened. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Opens the room, or tries again at once. */
  connect(): void {
    this.#backoff.reset();
    this.#wait_s = 0;
    this.#atOnce = true;
    if (this.#connection.kind === "refused") this.#become({ kind: "connecting" });
    this.#provider.disconnect();
    this.#provider.connect();
  }

  /** The browser says that the network is back or gone. */
  networkChanged(online: boolean): void {
    this.#online = online;
    if (this.#connection.kind === "refused") return;
    if (online) {
      if (this.#connection.kind !== "live") this.connect();
    } else {
      this.#socket?.close();
    }
  }

  /**
   * Says a command until it is answered.
   *
   * @throws CommandRefused (as a rejection) with the server's code.
   */
  command<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<Ack> {
    const created_at_ms = (this.#options.now ?? Date.now)();
    const item: OutboxItem = { command_id: uuidv7(created_at_ms), name, args, created_at_ms };
    const answer = this.outbox.add(item);
    if (this.#welcomed) this.#transmit(item);
    this.#events.change();
    return answer;
  }

  /** Says something that is worth nothing later; nothing happens without a connection. */
  passing<Name extends CommandName>(name: Name, args: CommandArgs[Name]): boolean {
    if (!this.#welcomed) return false;
    const now_ms = (this.#options.now ?? Date.now)();
    this.#transmit({ command_id: uuidv7(now_ms), name, args, created_at_ms: now_ms });
    return true;
  }

  /** Closes the socket and lets go of the document. */
  destroy(): void {
    this.#destroyed = true;
    clearTimeout(this.#watchdog);
    clearTimeout(this.#flushing);
    for (const retry of this.#retries) clearTimeout(retry);
    entriesOf(this.doc).unobserveDeep(this.#onEntries);
    this.doc.off("update", this.#onUpdate);
    removeAwarenessStates(this.#provider.awareness, [this.doc.clientID], "left");
    this.#provider.destroy();
    this.#provider.awareness.destroy();
  }

  // --- the document ---------------------------------------------------------------------

  readonly #onEntries = (events: Y.YEvent<Y.AbstractType<unknown>>[], change: Y.Transaction) => {
    if (!change.local) return;
    const touched = new Set<string>();
    for (const event of events) {
      const [entry_id] = event.path;
      if (typeof entry_id === "string") touched.add(entry_id);
      else for (const key of event.keys.keys()) touched.add(key);
    }
    this.progress.edited(touched);
  };

  readonly #onUpdate = () => {
    this.progress.settled();
    this.#events.change();
  };

  // --- the socket -----------------------------------------------------------------------

  #socketClass(): new () => RoomSocket {
    const link: SocketLink = {
      open: (signal) => this.#open(signal),
      opened: () => this.#opened(),
      text: (frame) => this.#text(frame),
      sending: (kind) => this.progress.sent(kind),
      closed: (code, reason) => this.#closed(code, reason),
    };
    const took = (socket: RoomSocket): void => {
      this.#socket = socket;
    };
    return class extends RoomSocket {
      constructor() {
        super(link);
        took(this);
      }
    };
  }

  async #open(signal: AbortSignal): Promise<WebSocket> {
    const pause_ms = this.#backoff.next() + this.#wait_s * 1000;
    await pause(this.#atOnce ? 0 : pause_ms, signal);
    this.#wait_s = 0;
    this.#atOnce = false;
    let url: URL;
    try {
      url = new URL(await this.#options.ticketUrl(signal));
    } catch (error) {
      if (error instanceof TicketRefused) this.#refuse(error.code, error.message);
      throw error;
    }
    signal.throwIfAborted();
    if (this.#resumable && this.#state !== null) {
      url.searchParams.set("since", String(this.#state.seq));
      url.searchParams.set("epoch", this.#state.epoch);
    }
    const open = this.#options.openSocket ?? ((to, protocol) => new WebSocket(to, protocol));
    return open(url.href, SUBPROTOCOL);
  }

  #opened(): void {
    this.progress.opened();
    this.#become({ kind: "behind" });
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#socket?.close(), WELCOME_TIMEOUT_MS);
  }

  /** Whether the provider should make another socket. Called once per closed socket. */
  #comesBack(code: number, reason: string): boolean {
    return this.#connection.kind !== "refused" && closePolicy(code, reason).action !== "fresh";
  }

  #closed(code: number, reason: string): void {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#flushing);
    this.#welcomed = false;
    if (this.#destroyed || this.#connection.kind === "refused") return;
    const policy = closePolicy(code, reason);
    this.#wait_s = policy.wait_s;
    switch (policy.action) {
      case "stay":
        this.#refuse(policy.reason, reason);
        return;
      case "fresh":
        this.#refuse(policy.reason, reason);
        this.#events.documentRefused();
        return;
      case "resume":
        this.#become({ kind: "behind" });
        return;
      default: {
        const attempt = this.#backoff.attempts;
        this.#become(
          !this.#online
            ? { kind: "offline", reason: "no_network" }
            : attempt >= ATTEMPTS_BEFORE_OFFLINE
            ? { kind: "offline", reason: policy.reason }
            : { kind: "reconnecting", reason: policy.reason, attempt },
        );
      }
    }
  }

  #refuse(code: string, detail: string): void {
    this.#become({ kind: "refused", code, detail });
    this.#provider.shouldConnect = false;
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    this.#events.change();
  }

  // --- messages -------------------------------------------------------------------------

  #text(frame: string): void {
    // The provider only counts binary frames as a sign of life.
    this.#provider.wsLastMessageReceived = Date.now();
    const message = JSON.parse(frame) as ServerMessage;
    try {
      this.#state = applyMessage(this.#state, message);
    } catch (error) {
      if (!(error instanceof LogGap)) throw error;
      this.#socket?.close(); // and take what is missing by `since`
      return;
    }
    switch (message.t) {
      case "welcome":
        this.#welcome();
        break;
      case "event":
        this.#events.happened?.(message, this.#state);
        break;
      case "ack":
        this.#acknowledged(message);
        break;
      case "reject":
        this.#rejected(message);
        break;
      case "setlist_saved":
        this.progress.saved(message.received);
        break;
      case "setlist_refused":
        this.progress.refuse(message.entries, message.code, message.detail);
        this.#events.refused(null, message.code, message.detail);
        break;
    }
    this.#events.change();
  }

  #welcome(): void {
    clearTimeout(this.#watchdog);
    this.#backoff.reset();
    this.#welcomed = true;
    this.#resumable = true;
    this.#connection = { kind: "live" };
    this.#flush([...this.outbox.items]);
  }

  /** Says everything unanswered again, in order, within the server's burst. */
  #flush(items: readonly OutboxItem[]): void {
    for (const item of items.slice(0, OUTBOX_BURST)) this.#transmit(item);
    const rest = items.slice(OUTBOX_BURST);
    if (rest.length) {
      this.#flushing = setTimeout(() => this.#flush(rest), OUTBOX_PAUSE_MS);
    }
  }

  #transmit(item: OutboxItem): void {
    this.#socket?.send(JSON.stringify(commandMessage(item)));
  }

  #acknowledged(ack: Ack): void {
    const item = this.outbox.acknowledge(ack);
    if (item === undefined || this.#state === null) return;
    if (isNamed(item, "cast_vote")) {
      this.#state = withOwnBallot(this.#state, item.args.round_id, item.args.picks);
    } else if (isNamed(item, "withdraw_vote")) {
      this.#state = withOwnBallot(this.#state, item.args.round_id, []);
    } else if (isNamed(item, "rate_entry")) {
      this.#state = withOwnRating(this.#state, item.args.entry_id, item.args.value);
    } else if (isNamed(item, "upvote_song_request")) {
      const { song_request_id, up } = item.args;
      this.#state = withOwnUpvote(this.#state, song_request_id, up ?? true);
    }
  }

  #rejected(reject: Reject): void {
    const item = this.outbox.items.find((other) => other.command_id === reject.command_id);
    if (reject.retryable) {
      if (item !== undefined) this.#sayAgain(item, reject.retry_after_s ?? 1);
      return;
    }
    this.outbox.refuse(reject);
    this.#events.refused(item ?? null, reject.code, reject.detail);
  }

  #sayAgain(item: OutboxItem, after_s: number): void {
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      const unanswered = this.outbox.items.some((other) => other === item);
      if (this.#welcomed && unanswered) this.#transmit(item);
    }, after_s * 1000);
    this.#retries.add(retry);
  }
}

function isNamed<Name extends CommandName>(
  item: OutboxItem,
  name: Name,
): item is OutboxItem<Name> {
  return item.name === name;
}

function pause(duration_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Error("stopped"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, duration_ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
