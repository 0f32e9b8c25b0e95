/** A small room server: real sockets, the y-websocket protocol, and scripted room messages. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket as ServerSocket } from "ws";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { readSyncMessage, writeSyncStep1 } from "y-protocols/sync";
import * as Y from "yjs";
import type { CommandMessage, RoomSnapshot, ServerMessage, You } from "../src/wire.ts";
import { frameKind, type FrameKind } from "../src/frames.ts";

export const YOU: You = {
  participant_id: "p1",
  role: "fan",
  can: ["cast_vote", "post_chat", "update_setlist"],
  display_name: "Robin",
  guest: true,
  admitted: true,
  ballots: [],
  upvotes: [],
  ratings: {},
  muted_until: null,
  display: null,
  held: [],
};

export function snapshot(changes: Partial<RoomSnapshot> = {}): RoomSnapshot {
  return {
    show: {
      show_id: "show",
      slug: "show",
      title: "Show",
      status: "live",
      access: "public",
      starts_at: "2027-05-08T19:00:00Z",
      artists: [],
      venue: null,
      city: null,
      country: null,
      takes_sms: false,
      time_zone: null,
    },
    setlist: { locked: false, entries: [] },
    rounds: [],
    chat: [],
    slow_mode_interval_s: 0,
    head_count: { participants: 1 },
    reactions: { counts: {} },
    song_requests: [],
    leaderboard: { entries: [], rounds: 0, votes: 0, voters: 0 },
    confidence: [],
    sealed: false,
    now_playing: null,
    announcement: null,
    moderation: null,
    pulse: null,
    acts: null,
    ...changes,
  };
}

/** One socket as the server sees it. */
export class Visit {
  readonly url: URL;
  readonly protocol: string;
  readonly commands: CommandMessage[] = [];
  readonly frames: FrameKind[] = [];
  readonly socket: ServerSocket;

  constructor(socket: ServerSocket, url: URL) {
    this.socket = socket;
    this.url = url;
    this.protocol = socket.protocol;
  }

  say(message: ServerMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  get updates(): number {
    return this.frames.filter((kind) => kind === "update" || kind === "sync_step_2").length;
  }
}

export class FakeRoom {
  readonly doc = new Y.Doc();
  readonly visits: Visit[] = [];
  /** What a new socket is told; by default a fresh welcome at `seq`. */
  greet: (visit: Visit) => void = (visit) => this.welcome(visit);
  /** What a command is answered; by default an ack. */
  answer: (visit: Visit, command: CommandMessage) => void = (visit, { command_id }) =>
    visit.say({ t: "ack", command_id, seq: this.seq, data: {} });
  seq = 0;
  epoch = "epoch-1";
  savesUpdates = true;
  #server: WebSocketServer | null = null;
  #changed: (() => void)[] = [];

  async start(): Promise<void> {
    const handleProtocols = (offered: Set<string>): string | false =>
      offered.has("setroom.v1") ? "setroom.v1" : false;
    this.#server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols });
    this.#server.on("connection", (socket, request) => {
      const visit = new Visit(socket, new URL(request.url ?? "", "ws://room"));
      this.visits.push(visit);
      this.greet(visit);
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, 0);
      writeSyncStep1(encoder, this.doc);
      socket.send(encoding.toUint8Array(encoder));
      socket.on("message", (data: Buffer, isBinary: boolean) => {
        if (isBinary) this.#binary(visit, new Uint8Array(data));
        else this.#command(visit, JSON.parse(data.toString("utf8")) as CommandMessage);
        this.#tell();
      });
      socket.on("close", () => this.#tell());
      this.#tell();
    });
    await once(this.#server, "listening");
  }

  get url(): string {
    const { port } = this.#server?.address() as AddressInfo;
    return `ws://127.0.0.1:${String(port)}/rooms/show`;
  }

  get last(): Visit {
    const visit = this.visits.at(-1);
    if (visit === undefined) throw new Error("nobody came");
    return visit;
  }

  welcome(visit: Visit, recovered = false): void {
    const base = { t: "welcome", protocol: 1, show_id: "show", epoch: this.epoch, seq: this.seq, you: YOU } as const;
    visit.say(recovered ? { ...base, recovered: true, state: {} } : { ...base, recovered: false, state: snapshot() });
  }

  /** Resolves when `condition` holds, checked whenever something arrives. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  async stop(): Promise<void> {
    for (const visit of this.visits) visit.socket.terminate();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }

  #command(visit: Visit, command: CommandMessage): void {
    visit.commands.push(command);
    this.answer(visit, command);
  }

  #binary(visit: Visit, frame: Uint8Array): void {
    visit.frames.push(frameKind(frame));
    const decoder = decoding.createDecoder(frame);
    if (decoding.readVarUint(decoder) !== 0) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 0);
    readSyncMessage(decoder, encoder, this.doc, visit);
    if (encoding.length(encoder) > 1) visit.socket.send(encoding.toUint8Array(encoder));
    if (this.savesUpdates && ["update", "sync_step_2"].includes(frameKind(frame))) {
      visit.say({ t: "setlist_saved", seq: this.seq, received: visit.updates });
    }
  }
}
