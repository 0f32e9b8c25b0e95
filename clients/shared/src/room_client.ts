/**
 * The room's client: the document, the room's state and the outbox, over one link.
 *
 * It knows no page and no framework: a page listens, and calls what a person can do.
 */
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { CommandSender } from "./command_sender.ts";
import type { Connection } from "./connection.ts";
import { uuidv7 } from "./ids.ts";
import { Outbox, type OutboxItem } from "./outbox.ts";
import {
  withOwnBallot,
  withOwnHeld,
  withOwnRating,
  withOwnUpvote,
  withWhatCounts,
} from "./own_state.ts";
import { SetlistProgress } from "./progress.ts";
import { RoomLink } from "./room_link.ts";
import type { RoomLinkOptions } from "./room_link_options.ts";
import { applyMessage, LogGap } from "./room_messages.ts";
import type { RoomState } from "./room_state.ts";
import { entriesOf } from "./setlist.ts";
import { thisTab, type Tabs } from "./tabs.ts";
import { writeAnew, type Unsaved } from "./unsaved.ts";
import type {
  Ack,
  Act,
  CommandArgs,
  CommandName,
  EventMessage,
  Reject,
  ServerMessage,
  StateMessage,
  Welcome,
} from "./wire.ts";

export interface RoomClientOptions extends RoomLinkOptions {
  /** Names this show and this person in the storage. */
  storageKey: string;
  /** What the page's first HTML knew, shown until the room answers. */
  initial?: RoomState | null;
  /** The tabs of this device; by default those of this browser. */
  tabs?: Tabs;
  /** What was not saved of a document that was given up: written once this one is in step. */
  again?: readonly Unsaved[];
}

export interface RoomClientEvents {
  /** Anything that a page shows has changed. */
  change(): void;
  /** `meanwhile`: what somebody else did first, where that is the reason; told to crew. */
  refused(item: OutboxItem | null, code: string, detail: string, meanwhile: Act | null): void;
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
  readonly #link: RoomLink;
  readonly #sender: CommandSender;
  readonly #options: RoomClientOptions;
  readonly #events: RoomClientEvents;
  /** Whether the state came from the room, so that its place in the log may be resumed. */
  #resumable = false;
  #synced = false;

  constructor(options: RoomClientOptions, events: RoomClientEvents) {
    this.#options = options;
    this.#events = events;
    this.doc = options.doc;
    this.#state = options.initial ?? null;
    const { storage, storageKey } = options;
    this.outbox = new Outbox({
      storage,
      key: `setroom:outbox:${storageKey}`,
      tabs: options.tabs ?? thisTab(),
      now: options.now ?? Date.now,
      changed: () => this.#events.change(),
      adopted: () => this.#sender.more(),
    });
    this.#sender = new CommandSender(this.outbox, (message) => this.#link.command(message));
    this.progress = new SetlistProgress(storage, `setroom:unsaved:${storageKey}`);
    // Before the provider listens: its handler sends what these observers announce.
    entriesOf(this.doc).observeDeep(this.#onEntries);
    this.#link = new RoomLink(options, {
      place: () => (this.#resumable ? this.#state : null),
      opened: () => this.progress.opened(),
      message: (message) => this.#message(message),
      sending: (kind) => this.progress.sent(kind),
      lost: () => this.#sender.lost(),
      change: () => this.#changed(),
      documentRefused: () => this.#events.documentRefused(),
    });
    this.doc.on("update", this.#onUpdate);
  }

  get state(): RoomState | null {
    return this.#state;
  }

  get connection(): Connection {
    return this.#link.connection;
  }

  /** Who is editing what; over a socket only. */
  get awareness(): Awareness {
    return this.#link.awareness;
  }

  /** Whether the document has been in step with the room since it was opened. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Opens the room, or tries again at once. */
  connect(): void {
    this.#link.connect();
  }

  /** The browser says that the network is back or gone. */
  networkChanged(online: boolean): void {
    this.#link.networkChanged(online);
  }

  /** The person looks at the page again: what waits is sent now (no browser does it unseen). */
  seen(): void {
    this.outbox.reread();
    this.#link.seen();
    this.#sender.more();
  }

  /** Another tab of this device changed the storage (`storage` event); `null`: all of it. */
  storageChanged(key: string | null): void {
    if (key === null || key.startsWith(`setroom:outbox:${this.#options.storageKey}`)) {
      this.outbox.reread();
    }
  }

  /**
   * Says a command until it is answered.
   *
   * @throws CommandRefused (as a rejection) with the server's code, or as `Outbox.add` says.
   */
  command<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<Ack> {
    const { answer } = this.outbox.add(this.#newId(), name, args);
    this.#sender.more();
    return answer;
  }

  /** Says something that is worth nothing later; nothing happens without a connection. */
  passing<Name extends CommandName>(name: Name, args: CommandArgs[Name]): boolean {
    if (!this.#link.welcomed) return false;
    this.#link.command({ t: "command", command_id: this.#newId(), name, args });
    return true;
  }

  /**
   * Resolves when nothing that could be sent awaits the server's word, or after `wait_ms`;
   * without a connection at once.
   */
  async settled(wait_ms: number): Promise<void> {
    const ends_ms = performance.now() + wait_ms;
    const open = (): boolean =>
      this.#link.welcomed && this.progress.pending.size + this.outbox.sendable().length > 0;
    while (open() && performance.now() < ends_ms) await sleep(SETTLE_LOOK_MS);
  }

  /** Ends the connection and lets go of the document. */
  destroy(): void {
    this.#sender.lost();
    this.outbox.destroy();
    entriesOf(this.doc).unobserveDeep(this.#onEntries);
    this.doc.off("update", this.#onUpdate);
    this.#link.destroy();
  }

  #newId(): string {
    return uuidv7((this.#options.now ?? Date.now)());
  }

  #changed(): void {
    const first = !this.#synced && this.#link.synced;
    this.#synced ||= first;
    if (first && this.#options.again?.length) writeAnew(this.doc, this.#options.again);
    this.#events.change();
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

  // --- messages -------------------------------------------------------------------------

  #message(message: ServerMessage): void {
    switch (message.t) {
      case "welcome":
      case "event":
      case "state":
        if (!this.#apply(message)) return;
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
        this.#events.refused(null, message.code, message.detail, null);
        break;
    }
    this.#changed();
  }

  /** Whether the message followed what was known. */
  #apply(message: Welcome | EventMessage | StateMessage): boolean {
    let state: RoomState;
    try {
      state = applyMessage(this.#state, message);
    } catch (error) {
      if (!(error instanceof LogGap)) throw error;
      this.#link.resume(); // and take what is missing by `since`
      return false;
    }
    this.#state = state;
    if (message.t === "welcome") {
      this.#resumable = true;
      this.#sender.flush();
    }
    if (message.t === "event") this.#events.happened?.(message, state);
    return true;
  }

  #acknowledged(ack: Ack): void {
    const item = this.outbox.acknowledge(ack);
    if (item === undefined || this.#state === null) return;
    if (ack.data.superseded === true) {
      this.#state = withWhatCounts(this.#state, ack.data);
    } else if (isNamed(item, "cast_vote")) {
      this.#state = withOwnBallot(this.#state, item.args.round_id, item.args.picks);
    } else if (isNamed(item, "withdraw_vote")) {
      this.#state = withOwnBallot(this.#state, item.args.round_id, []);
    } else if (isNamed(item, "rate_entry")) {
      this.#state = withOwnRating(this.#state, item.args.entry_id, item.args.value);
    } else if (isNamed(item, "upvote_song_request")) {
      const { song_request_id, up } = item.args;
      this.#state = withOwnUpvote(this.#state, song_request_id, up ?? true);
    } else if (isNamed(item, "post_chat") && ack.data.held === true) {
      const { chat_message_id } = ack.data;
      if (typeof chat_message_id === "string") {
        const at = new Date((this.#options.now ?? Date.now)()).toISOString();
        this.#state = withOwnHeld(this.#state, { chat_message_id, text: item.args.text, at });
      }
    }
  }

  #rejected(reject: Reject): void {
    if (reject.retryable) {
      this.#sender.sayAgain(reject);
      return;
    }
    const item = this.outbox.refuse(reject);
    this.#events.refused(item ?? null, reject.code, reject.detail, reject.meanwhile ?? null);
  }
}

/** How often is looked whether everything is settled, in milliseconds. */
const SETTLE_LOOK_MS = 50;

const sleep = (duration_ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, duration_ms));

function isNamed<Name extends CommandName>(
  item: OutboxItem,
  name: Name,
): item is OutboxItem<Name> {
  return item.name === name;
}
