/** A message as it is being written: to whom, in which words, when; and what the server makes of it. */
import { ApiProblem, uuidv7, type BroadcastView, type Channel, type KindView, type Language, type MessagingOffer, type NewBroadcastBody, type PreviewView } from "@setroom/shared";
import type { Trouble } from "@setroom/shared/ui/desk/desk.svelte.ts";
import type { ShowDesk } from "../lib/show_desk.svelte.ts";
import { momentOf } from "../lib/zones.ts";
import type { BroadcastKind } from "./contract.ts";
import { problemText } from "./problems.ts";

/** How long nothing is typed before the server is asked again, in milliseconds. */
const PAUSE_MS = 350;

export class Composer {
  kind = $state<BroadcastKind>("BROADCAST");
  /** In the order in which they are tried. */
  channels = $state<readonly Channel[]>([]);
  languages = $state<readonly Language[]>([]);
  texts = $state<Partial<Record<Language, string>>>({});
  /** The one whose words are shown. */
  language = $state<Language>("en");
  round_id = $state<string | null>(null);
  when = $state<"now" | "later">("now");
  date = $state("");
  time = $state("");
  preview = $state.raw<PreviewView | null>(null);
  trouble = $state.raw<Trouble | null>(null);
  /** The preview is of what stood there before. */
  counting = $state(false);

  readonly own: ShowDesk;
  readonly offer: MessagingOffer;
  readonly #zone: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #under_way: AbortController | null = null;
  /** One message, however often its sending is tried. */
  #key = uuidv7();

  constructor(own: ShowDesk, offer: MessagingOffer, zone: string) {
    this.own = own;
    this.offer = offer;
    this.#zone = zone;
    this.channels = offer.channels.slice(0, 1);
    this.languages = offer.languages;
    this.language = offer.languages[0] ?? "en";
    const offered = offer.kinds.filter(({ problem }) => problem === null).map(({ kind }) => kind);
    this.kind = offered.includes("BROADCAST") ? "BROADCAST" : (offered[0] ?? "BROADCAST");
  }

  /** What may be said by this kind, and by which rules. */
  get rules(): KindView | null {
    return this.offer.kinds.find(({ kind }) => kind === this.kind) ?? null;
  }

  /** Whether there are no words but one's own. */
  get free(): boolean {
    return this.kind === "BROADCAST";
  }

  /** What is not empty, by language. */
  get written(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.languages.flatMap((language) => {
        const text = this.texts[language] ?? "";
        return text.trim() === "" ? [] : [[language, text] as const];
      }),
    );
  }

  get touched(): boolean {
    return Object.keys(this.written).length > 0;
  }

  /** When it goes out; `null` without a time that there is. */
  get send_at(): string | null {
    return this.when === "now" ? null : momentOf(this.date, this.time, this.#zone);
  }

  /** What the server is asked and told. */
  get body(): NewBroadcastBody {
    const all = this.languages.length === this.offer.languages.length;
    const { send_at, written } = this;
    return {
      kind: this.kind,
      channels: this.channels,
      ...(this.touched ? { texts: written } : {}),
      ...(all ? {} : { audience: { languages: this.languages } }),
      ...(this.kind === "NUDGE" && this.round_id !== null ? { round_id: this.round_id } : {}),
      ...(send_at === null ? {} : { send_at }),
    };
  }

  /** Whether there is something that the server can be asked about. */
  get askable(): boolean {
    return this.channels.length > 0 && this.languages.length > 0;
  }

  /** Asks what it comes to, once nothing was changed for a moment. */
  ask(): void {
    clearTimeout(this.#timer);
    this.#under_way?.abort();
    this.counting = this.askable;
    if (this.askable) this.#timer = setTimeout(() => void this.count(), PAUSE_MS);
    else this.preview = null;
  }

  /** Asks now. */
  async count(): Promise<void> {
    clearTimeout(this.#timer);
    this.#under_way?.abort();
    if (!this.askable) return;
    const under_way = new AbortController();
    this.#under_way = under_way;
    this.counting = true;
    try {
      const preview = await this.own.desk.api.post<PreviewView>(
        this.own.path("/messages/preview"), this.body, under_way.signal,
      );
      if (under_way.signal.aborted) return;
      this.preview = preview;
      this.trouble = null;
    } catch (error) {
      if (under_way.signal.aborted) return;
      this.trouble = this.own.desk.troubleOf(error);
    } finally {
      if (this.#under_way === under_way) this.counting = false;
    }
  }

  /** What stands in the way of sending it, about one field; `null`: nothing. */
  problemOf(field: string): string | null {
    const found = this.preview?.problems.find((one) => one.field === field);
    return found === undefined ? null : problemText(found.code, found.detail);
  }

  /** Sends it, or has it sent at its time. Tried again it is the same message. @throws ApiProblem */
  async send(): Promise<BroadcastView> {
    try {
      return await this.own.desk.api.create<BroadcastView>(this.own.path("/messages"), this.body, this.#key);
    } catch (error) {
      // It was refused, so the next attempt is another one; what got no answer is tried as the same.
      if (error instanceof ApiProblem && error.status < 500) this.#key = uuidv7();
      throw error;
    }
  }

  /** Gives up what is on its way. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#under_way?.abort();
  }
}
