/**
 * A small room with three doors: sockets (`FakeRoom`), an event stream and a long poll, with
 * commands and updates by POST. One log and one document behind them, as docs/protocol.md says.
 */
import * as encoding from "lib0/encoding";
import { writeUpdate } from "y-protocols/sync";
import * as Y from "yjs";
import type { Way } from "../src/connection.ts";
import { POSTED_UPDATE_BYTES_MAX } from "../src/limits.ts";
import { fromBase64, toBase64 } from "../src/over_http/calls.ts";
import type { Request } from "../src/over_http.ts";
import type { Ack, CommandMessage, EventMessage, Reject, ServerMessage } from "../src/wire.ts";
import { FakeRoom, snapshot, YOU, type Visit } from "./fake_room.ts";

type Body = Readonly<Record<string, unknown>>;

/** What one open stream or waiting poll hears. */
interface Listener {
  tell(message: ServerMessage): void;
  cut(): void;
}

const encoder = new TextEncoder();

export class FakeDoors {
  readonly room = new FakeRoom();
  readonly log: EventMessage[] = [];
  /** Every command that came, by whichever door, repetitions included. */
  readonly heard: CommandMessage[] = [];
  /** What was done: each `command_id` once. */
  readonly done: CommandMessage[] = [];
  /** Ways by which connections were opened, in order. */
  readonly openings: Way[] = [];
  /** Updates that were posted, in bytes. */
  readonly posted: number[] = [];
  /** What a command is answered, before it is kept; an ack by default. */
  judge: (command: CommandMessage) => Reject | null = () => null;
  /** What an update by POST is told of what was put back. */
  refused: readonly { code: string; detail: string; entries: readonly string[] }[] = [];
  /** Commands are done, and their answer is lost. */
  losesAnswers = false;
  /** The stream's headers pass, its events do not. */
  holdsBack = false;
  /** Answers everything with a page of its own, as a captive portal does. */
  portal = false;
  readonly #answers = new Map<string, Ack | Reject>();
  readonly #listeners = new Set<Listener>();

  async start(): Promise<void> {
    this.room.greet = (visit) => this.#greet(visit);
    this.room.answer = (visit, command) => {
      const answer = this.#carryOut(command);
      if (!this.losesAnswers) visit.say(answer);
    };
    this.room.doc.on("update", (update: Uint8Array, origin: unknown) => this.#relay(update, origin));
    await this.room.start();
  }

  /** Something happens in the room. */
  happen(event: Pick<EventMessage, "name" | "data">): void {
    const message = { t: "event", seq: this.log.length + 1, at: "2027-05-08T20:00:00Z", ...event } as EventMessage;
    this.log.push(message);
    this.room.seq = this.log.length;
    for (const visit of this.room.visits) if (visit.socket.readyState === 1) visit.say(message);
    for (const listener of [...this.#listeners]) listener.tell(message);
  }

  /** Somebody else edits the list. */
  edit(change: (doc: Y.Doc) => void): void {
    change(this.room.doc);
    this.#changed("other");
  }

  /** Every connection breaks off. */
  cut(): void {
    for (const visit of this.room.visits) visit.socket.terminate();
    for (const listener of [...this.#listeners]) listener.cut();
    this.#listeners.clear();
  }

  readonly request: Request = async (method, path, body, signal) => {
    signal.throwIfAborted();
    if (this.portal) return new Response("<h1>Welcome to our wifi</h1>", { headers: { "content-type": "text/html" } });
    const url = new URL(path, "http://room");
    switch (`${method} ${url.pathname.replace("/api/shows/show/", "")}`) {
      case "GET stream":
        return this.#stream(url, signal);
      case "GET poll":
        return this.#poll(url, signal);
      case "GET setlist/document":
        return this.#document(url);
      case "POST setlist/updates":
        return this.#update(body as Body);
      case "POST commands":
        return this.#command(body as Body);
      default:
        throw new Error(`nobody answers ${method} ${path}`);
    }
  };

  async stop(): Promise<void> {
    this.cut();
    await this.room.stop();
  }

  // --- the doors ------------------------------------------------------------------------

  #greet(visit: Visit): void {
    this.openings.push("socket");
    for (const message of this.#welcome(visit.url)) visit.say(message);
  }

  #welcome(url: URL): ServerMessage[] {
    const { epoch } = this.room;
    const since = url.searchParams.get("since");
    const base = { t: "welcome", protocol: 1, show_id: "show", epoch, seq: this.log.length, you: YOU } as const;
    if (since === null || url.searchParams.get("epoch") !== epoch) {
      return [{ ...base, recovered: false, state: snapshot() }];
    }
    return [{ ...base, recovered: true, state: {} }, ...this.log.slice(Number(since))];
  }

  #stream(url: URL, signal: AbortSignal): Response {
    this.openings.push("stream");
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const say = (text: string): void => controller.enqueue(encoder.encode(text));
        if (!this.holdsBack) {
          say(`:${" ".repeat(40)}\n\nretry: 2000\n\n`);
          for (const message of this.#welcome(url)) say(`data: ${JSON.stringify(message)}\n\n`);
        }
        const listener: Listener = {
          tell: (message) => {
            if (!this.holdsBack) say(`id: e:1\ndata: ${JSON.stringify(message)}\n\n`);
          },
          cut: () => controller.error(new TypeError("cut")),
        };
        this.#listeners.add(listener);
        signal.addEventListener("abort", () => this.#listeners.delete(listener));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  }

  async #poll(url: URL, signal: AbortSignal): Promise<Response> {
    const since = Number(url.searchParams.get("since") ?? -1);
    const known = since >= 0 && url.searchParams.get("epoch") === this.room.epoch;
    const cursor = url.searchParams.get("cursor");
    if (cursor === null) this.openings.push("poll");
    const base = { epoch: this.room.epoch, cursor: "c", states: [] };
    if (!known) {
      return Response.json({ ...base, seq: this.log.length, recovered: false, events: [], you: YOU, state: snapshot() });
    }
    if (this.log.length <= since && url.searchParams.get("wait_s") !== "0") {
      await new Promise<void>((resolve, reject) => {
        const cut = (): void => reject(new TypeError("cut"));
        const listener: Listener = { tell: () => resolve(), cut };
        this.#listeners.add(listener);
        signal.addEventListener("abort", cut);
      });
    }
    const events = this.log.slice(since);
    return Response.json({
      ...base, seq: this.log.length, recovered: true, events, you: cursor === null ? YOU : null, state: null,
    });
  }

  #document(url: URL): Response {
    const known = fromBase64(url.searchParams.get("state_vector") ?? "AA==");
    return Response.json({
      seq: this.log.length,
      update: toBase64(Y.encodeStateAsUpdate(this.room.doc, known)),
      state_vector: toBase64(Y.encodeStateVector(this.room.doc)),
    });
  }

  #update(body: Body): Response {
    const update = fromBase64(String(body.update));
    this.posted.push(update.length);
    if (update.length > POSTED_UPDATE_BYTES_MAX) {
      const problem = { status: 422, code: "validation_failed", detail: "update" };
      return Response.json(problem, { status: 422, headers: { "content-type": "application/problem+json" } });
    }
    Y.applyUpdate(this.room.doc, update, "posted");
    this.#changed("p1");
    return Response.json({ command_id: body.command_id, seq: this.log.length, refused: this.refused });
  }

  #command(body: Body): Response {
    const answer = this.#carryOut({ t: "command", ...body } as CommandMessage);
    if (this.losesAnswers) throw new TypeError("cut");
    if (answer.t === "ack") return Response.json(answer);
    const status = answer.retryable ? 503 : 409;
    return Response.json({ status, ...answer }, { status, headers: { "content-type": "application/problem+json" } });
  }

  // --- behind them ----------------------------------------------------------------------

  /** Does a command once, and answers it the same every time. */
  #carryOut(command: CommandMessage): Ack | Reject {
    this.heard.push(command);
    const known = this.#answers.get(command.command_id);
    if (known !== undefined) return known;
    const reject = this.judge(command);
    if (reject?.retryable) return reject;
    const answer = reject ?? { t: "ack" as const, command_id: command.command_id, seq: this.log.length, data: {} };
    this.#answers.set(command.command_id, answer);
    if (reject === null) this.done.push(command);
    return answer;
  }

  #changed(participant_id: string): void {
    this.happen({ name: "setlist_changed", data: { participant_id, display_name: "", entries: [] } } as never);
  }

  #relay(update: Uint8Array, origin: unknown): void {
    const frame = encoding.createEncoder();
    encoding.writeVarUint(frame, 0);
    writeUpdate(frame, update);
    for (const visit of this.room.visits) {
      if (visit !== origin && visit.socket.readyState === 1) visit.socket.send(encoding.toUint8Array(frame));
    }
  }
}
