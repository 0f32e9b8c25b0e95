/**
 * The link to a room: it opens transports, one after the other, and says how the page stands.
 *
 * The stock provider asks for a socket whenever it has none; the link decides after which pause
 * and by which way it gets one, watches that it comes to its welcome, and from time to time
 * looks whether a better way is open again.
 */
import { removeAwarenessStates, type Awareness } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { Backoff } from "./backoff.ts";
import { closePolicy, isServersWord } from "./closing.ts";
import type { Connection, Way } from "./connection.ts";
import {
  ATTEMPTS_BEFORE_OFFLINE,
  CONNECT_TIMEOUT_MS,
  SETTLED_MS,
  STREAM_WELCOME_TIMEOUT_MS,
  WELCOME_TIMEOUT_MS,
} from "./limits.ts";
import { pause } from "./pause.ts";
import type { RoomLinkEvents, RoomLinkOptions } from "./room_link_options.ts";
import { RoomSocket, type SocketLink } from "./room_socket.ts";
import { SocketProbe } from "./socket_probe.ts";
import { SocketTransport } from "./socket_transport.ts";
import { TicketRefused } from "./ticket.ts";
import type { Transport, TransportEvents } from "./transport.ts";
import { Ways } from "./ways.ts";
import { SUBPROTOCOL, type CommandMessage, type ServerMessage } from "./wire.ts";

export class RoomLink {
  readonly #options: RoomLinkOptions;
  readonly #events: RoomLinkEvents;
  readonly #provider: WebsocketProvider;
  readonly #backoff: Backoff;
  readonly #ways: Ways;
  #connection: Connection = { kind: "connecting" };
  #socket: RoomSocket | null = null;
  /** The way of the newest attempt. */
  #way: Way = "socket";
  #welcomed_at_ms: number | null = null;
  /** Whether the newest attempt was given a ticket, so that HTTP works. */
  #ticketed = false;
  #wait_s = 0;
  /** The next attempt is made at once: the first one, and when the person asks for it. */
  #atOnce = true;
  #online = true;
  #destroyed = false;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  readonly #probe: SocketProbe;
  readonly #life = new AbortController();

  constructor(options: RoomLinkOptions, events: RoomLinkEvents) {
    this.#options = options;
    this.#events = events;
    const random = options.random ?? Math.random;
    this.#backoff = new Backoff(random);
    this.#ways = new Ways(options.storage, options.now ?? Date.now, random);
    this.#probe = new SocketProbe(
      this.#ways,
      async () => this.#socketTo(await options.ticketUrl(this.#life.signal)),
      () => {
        this.#atOnce = true;
        // What is not answered yet is said again over the socket, under the same ids.
        this.#socket?.close();
      },
    );
    this.#provider = new WebsocketProvider("ws://room", options.show_id, options.doc, {
      connect: false,
      disableBc: true,
      // The pause between attempts is ours: the provider has neither jitter nor reasons.
      maxBackoffTime: 0,
      shouldReconnect: (event) => this.#comesBack(event.code, event.reason),
      WebSocketPolyfill: this.#socketClass() as unknown as typeof WebSocket,
    });
    this.#provider.on("sync", () => events.change());
    // The audience is a head count: only who edits shows up in awareness.
    this.#provider.awareness.setLocalState(null);
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Who is editing, over a socket. */
  get awareness(): Awareness {
    return this.#provider.awareness;
  }

  /** Whether the document is in step with the room. */
  get synced(): boolean {
    return this.#provider.synced;
  }

  get welcomed(): boolean {
    return this.#welcomed_at_ms !== null;
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
    this.#ways.networkChanged();
    if (this.#connection.kind === "refused") return;
    if (!online) this.#socket?.close();
    else if (this.#connection.kind !== "live") this.connect();
    else if (this.#way !== "socket") this.#probe.later();
  }

  /** The person looks at the page (again): now is the time to come back. */
  seen(): void {
    const { kind } = this.#connection;
    if (kind === "offline" || kind === "reconnecting") this.connect();
  }

  command(message: CommandMessage): void {
    this.#socket?.command(message);
  }

  /** Breaks the connection off, to come back and take what is missing. */
  resume(): void {
    this.#socket?.close();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#life.abort();
    clearTimeout(this.#watchdog);
    this.#probe.stop();
    const { awareness } = this.#provider;
    removeAwarenessStates(awareness, [this.#options.doc.clientID], "left");
    this.#provider.destroy();
    awareness.destroy();
  }

  #socketClass(): new () => RoomSocket {
    const link: SocketLink = {
      open: (events, signal) => this.#open(events, signal),
      opened: () => this.#opened(),
      message: (message) => this.#message(message),
      alive: () => this.#alive(),
      sending: (kind) => this.#events.sending(kind),
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

  async #open(events: TransportEvents, signal: AbortSignal): Promise<Transport> {
    const pause_ms = this.#backoff.next() + this.#wait_s * 1000;
    this.#ticketed = false;
    await pause(this.#atOnce ? 0 : pause_ms, signal);
    this.#wait_s = 0;
    this.#atOnce = false;
    let url: string;
    try {
      url = await this.#options.ticketUrl(signal);
    } catch (error) {
      if (error instanceof TicketRefused) this.#refuse(error.code, error.message);
      throw error;
    }
    signal.throwIfAborted();
    this.#ticketed = true;
    const { request } = this.#options;
    const way = request === undefined ? "socket" : this.#ways.way;
    this.#way = way;
    if (way === "socket" || request === undefined) {
      this.#watch(CONNECT_TIMEOUT_MS);
      return new SocketTransport(this.#socketTo(url), events);
    }
    const { transportOverHttp } = await import("./over_http.ts");
    signal.throwIfAborted();
    this.#watch(way === "stream" ? STREAM_WELCOME_TIMEOUT_MS : CONNECT_TIMEOUT_MS);
    const { show_id, doc, random = Math.random } = this.#options;
    const document = { stateVector: () => Y.encodeStateVector(doc) };
    return transportOverHttp(way, { show_id, request, document, random }, this.#events.place(), events);
  }

  #socketTo(ticketed: string): WebSocket {
    const url = new URL(ticketed);
    const place = this.#events.place();
    if (place !== null) {
      url.searchParams.set("since", String(place.seq));
      url.searchParams.set("epoch", place.epoch);
    }
    const open = this.#options.openSocket ?? ((to, protocol) => new WebSocket(to, protocol));
    return open(url.href, SUBPROTOCOL);
  }

  #watch(timeout_ms: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#socket?.close(), timeout_ms);
  }

  #opened(): void {
    this.#become({ kind: "behind", way: this.#way });
    // A stream's headers may pass where its events are held back: its first wait goes on.
    if (this.#way === "socket") this.#watch(WELCOME_TIMEOUT_MS);
    this.#events.opened();
  }

  #alive(): void {
    // The provider only counts binary frames as a sign of life.
    this.#provider.wsLastMessageReceived = Date.now();
  }

  #message(message: ServerMessage): void {
    this.#alive();
    if (message.t === "welcome") this.#welcomed();
    this.#events.message(message);
  }

  #welcomed(): void {
    clearTimeout(this.#watchdog);
    this.#welcomed_at_ms ??= performance.now();
    this.#connection = { kind: "live", way: this.#way };
    if (this.#way !== "socket") this.#probe.later();
  }

  /** Whether the provider should make another socket. Called once per closed socket. */
  #comesBack(code: number, reason: string): boolean {
    return this.#connection.kind !== "refused" && closePolicy(code, reason).action !== "fresh";
  }

  #closed(code: number, reason: string): void {
    clearTimeout(this.#watchdog);
    this.#probe.stop();
    // A welcome alone proves little: what ends right after it would be tried without a pause.
    if (this.#lived_ms >= SETTLED_MS) this.#backoff.reset();
    this.#judgeWay(code, reason);
    this.#welcomed_at_ms = null;
    this.#events.lost();
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
        this.#become({ kind: "behind", way: this.#way });
        return;
      default:
        this.#become(this.#away(policy.reason));
    }
  }

  #away(reason: string): Connection {
    if (!this.#online) return { kind: "offline", reason: "no_network" };
    const attempt = this.#backoff.attempts;
    if (attempt >= ATTEMPTS_BEFORE_OFFLINE) return { kind: "offline", reason };
    return { kind: "reconnecting", reason, attempt };
  }

  /** Since the welcome, in milliseconds; 0 without one. */
  get #lived_ms(): number {
    return this.#welcomed_at_ms === null ? 0 : performance.now() - this.#welcomed_at_ms;
  }

  #judgeWay(code: number, reason: string): void {
    if (!this.#ticketed || !this.#online || this.#destroyed) return;
    const lived_ms = this.#lived_ms;
    if (reason === "held_back") this.#ways.ended("held", lived_ms);
    else if (isServersWord(code)) this.#ways.ended("ended", lived_ms);
    else this.#ways.ended(this.#welcomed_at_ms === null ? "unreached" : "broke", lived_ms);
  }

  #refuse(code: string, detail: string): void {
    this.#become({ kind: "refused", code, detail });
    this.#provider.shouldConnect = false;
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    this.#events.change();
  }
}
