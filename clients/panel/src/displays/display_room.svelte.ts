/** The room as a display sees it: what is so now, and how far that can be trusted. */
import {
  ApiProblem,
  browserStorage,
  compareEntries,
  type Connection,
  type DisplayFacts,
  type EventMessage,
  type RoomState,
  type SetlistEntry,
} from "@setroom/shared";
import type { RoomClient } from "@setroom/shared/live";
import { clock } from "@setroom/shared/ui/clock.svelte.ts";
import { DisplayApi, isOver } from "./display_api.ts";
import { hasSecretCount } from "./rounds.ts";

/** A screen is drawn at most so often, in milliseconds; bars move smoothly in between. */
const DRAWN_EVERY_MS = 150;

/** How long after a failure the facts are asked for again, in milliseconds. */
const FACTS_AGAIN_MS = 5_000;

/** Codes are asked for so long after they have changed, in milliseconds. */
const AFTER_CHANGE_MS = 1_000;

/** While a round's count is a secret, its voters are counted so often, in milliseconds. */
const TURNOUT_EVERY_MS = 4_000;

/** Without a reason to ask sooner, facts are this old at the most, in milliseconds. */
const FACTS_LAST_MS = 10 * 60_000;

/** The longest wait that a browser's timer takes. */
const FACTS_WAIT_MAX_MS = 2 ** 31 - 1;

/** Why a display shows nothing (any more): it is looked at by people, so in their terms. */
export type Ending = "no_token" | "ended" | "too_many";

export class DisplayRoom {
  facts = $state.raw<DisplayFacts | null>(null);
  state = $state.raw<RoomState | null>(null);
  connection = $state.raw<Connection>({ kind: "connecting" });
  ending = $state.raw<Ending | null>(null);
  /** When the room was last heard of, by the server's clock in milliseconds. */
  heard_at_ms = $state.raw<number | null>(null);

  /** Voters of open rounds whose count is a secret, by the round's id. */
  turnout = $state.raw<Readonly<Record<string, number>>>({});

  readonly #api: DisplayApi;
  readonly #happened: (event: EventMessage, state: RoomState) => void;
  readonly #life = new AbortController();
  #client: RoomClient | null = null;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #counting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    api: DisplayApi,
    happened: (event: EventMessage, state: RoomState) => void = () => undefined,
  ) {
    this.#api = api;
    this.#happened = happened;
  }

  /** The server's time, in milliseconds since 1970; ticks while something shows it. */
  get now_ms(): number {
    return clock.now_ms + this.#api.offset_ms;
  }

  /** The same, for code that does not show it. */
  get instant_ms(): number {
    return Date.now() + this.#api.offset_ms;
  }

  /** The setlist in playing order. */
  get entries(): readonly SetlistEntry[] {
    return [...(this.state?.entries ?? [])].filter((entry) => entry.title !== "").sort(compareEntries);
  }

  /** Whether what is shown is what is so. */
  get current(): boolean {
    return this.connection.kind === "live";
  }

  /** Gets the facts, then the room; keeps on trying until the display is over. */
  async start(): Promise<void> {
    if (!(await this.#askFacts())) return;
    const facts = this.facts;
    if (facts !== null && this.#client === null) await this.#open(facts);
  }

  networkChanged(online: boolean): void {
    if (online) void this.#askFacts();
    this.#client?.networkChanged(online);
  }

  /** The screen is looked at again, after the device slept. */
  seen(): void {
    this.#client?.seen();
  }

  async #open(facts: DisplayFacts): Promise<void> {
    const live = await import("@setroom/shared/live");
    if (this.#client !== null || this.ending !== null) return;
    const client = new live.RoomClient(
      {
        show_id: facts.show.id,
        doc: new live.Doc(),
        ticketUrl: (signal) => this.#api.ticketUrl(signal),
        request: this.#api.request,
        storage: browserStorage(),
        storageKey: `display:${facts.display_id}`,
      },
      {
        change: () => this.#schedule(),
        refused: () => undefined, // a display says nothing that could be refused
        happened: (event, state) => {
          if (event.name === "show_status_changed") void this.#askFacts();
          this.#happened(event, state);
        },
        documentRefused: () => void this.#checkStanding(),
      },
    );
    this.#client = client;
    client.connect();
  }

  /** The server closed the room to this display: asks whether for good, and comes back if not. */
  async #checkStanding(): Promise<void> {
    this.#client?.destroy();
    this.#client = null;
    if ((await this.#askFacts()) && this.facts !== null) await this.#open(this.facts);
  }

  #schedule(): void {
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.#draw();
    }, this.state === null ? 0 : DRAWN_EVERY_MS);
  }

  #draw(): void {
    const client = this.#client;
    if (client === null) return;
    this.state = client.state;
    // Silence is no loss: a room at rest was heard of until the moment it went away.
    const heard = client.connection.kind === "live" || this.connection.kind === "live";
    if (heard) this.heard_at_ms = this.instant_ms;
    this.connection = client.connection;
    if (client.connection.kind === "refused") this.#end(client.connection.code);
    else if (this.#counting === undefined) void this.#countVoters();
  }

  /** Asks for the turnout for as long as there is one to be told. */
  async #countVoters(): Promise<void> {
    clearTimeout(this.#counting);
    this.#counting = undefined;
    if (!this.current || !this.state?.rounds.some(hasSecretCount)) return;
    this.#counting = setTimeout(() => void this.#countVoters(), TURNOUT_EVERY_MS);
    try {
      this.turnout = (await this.#api.turnout(this.#life.signal)).voters;
    } catch {
      // The next one comes in a moment; the connection says for itself when there is none.
    }
  }

  /** Whether there is a display behind these facts. Asks again by itself when they are old. */
  async #askFacts(): Promise<boolean> {
    clearTimeout(this.#asking);
    try {
      this.facts = await this.#api.facts(this.#life.signal);
    } catch (error) {
      if (error instanceof ApiProblem && isOver(error)) {
        this.#end(error.code);
        return false;
      }
      if (this.facts === null) this.connection = { kind: "offline", reason: "no_network" };
      this.#asking = setTimeout(() => void this.start(), FACTS_AGAIN_MS);
      return this.facts !== null;
    }
    this.#asking = setTimeout(() => void this.#askFacts(), this.#nextFacts(this.facts));
    return true;
  }

  #nextFacts(facts: DisplayFacts): number {
    if (facts.check_in === null) return FACTS_LAST_MS;
    const wait_ms = Date.parse(facts.check_in.expires_at) - this.instant_ms + AFTER_CHANGE_MS;
    return Math.min(FACTS_WAIT_MAX_MS, Math.max(AFTER_CHANGE_MS, wait_ms));
  }

  /** Nothing of the show stays on a screen that is not its screen any more. */
  #end(code: string): void {
    this.ending = code === "too_many" ? "too_many" : "ended";
    clearTimeout(this.#asking);
    clearTimeout(this.#drawing);
    clearTimeout(this.#counting);
    this.#life.abort();
    this.#client?.destroy();
    this.#client = null;
    this.state = null;
    this.facts = null;
  }
}
