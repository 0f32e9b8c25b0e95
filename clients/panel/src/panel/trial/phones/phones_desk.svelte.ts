/** The phones on the table: what is on each, what is new, and what is being sent. */
import { uuidv7, type PhoneChanges, type PhoneMessagePage, type PhoneMessageView, type PhonesView, type PhoneView, type SaidView } from "@setroom/shared";
import type { Desk, Trouble } from "@setroom/shared/ui/desk/desk.svelte.ts";
import { arrived, merged, type Outgoing } from "./conversation.ts";

/** A look at the server for what is new waits as long, in seconds. */
const WAIT_S = 20;
const AGAIN_MS = 3_000;
/** Texts of a phone that are fetched at first. */
const PAGE = 40;

export class Phone {
  view = $state.raw<PhoneView>() as PhoneView;
  messages = $state.raw<readonly PhoneMessageView[]>([]);
  outgoing = $state.raw<readonly Outgoing[]>([]);
  unread = $state(0);
  /** Where earlier texts begin; `null`: all are here. */
  earlier = $state<string | null>(null);
  /** Somebody looks at it: nothing on it is unread. */
  looked_at = false;

  constructor(view: PhoneView) {
    this.view = view;
  }

  /** What it has sent, the oldest first. */
  get said(): readonly string[] {
    const sent = this.messages.filter(({ direction }) => direction === "inbound").map(({ body }) => body);
    return [...sent, ...this.outgoing.filter(({ failed }) => !failed).map(({ body }) => body)];
  }

  take(news: readonly PhoneMessageView[], quietly = false): void {
    const after = merged(this.messages, news);
    if (!quietly && !this.looked_at) this.unread += arrived(this.messages, after).length;
    this.messages = after;
  }

  look(looking: boolean): void {
    this.looked_at = looking;
    if (looking) this.unread = 0;
  }
}

export class PhonesDesk {
  phones = $state.raw<readonly Phone[]>([]);
  crowd = $state.raw<readonly PhoneView[]>([]);
  about = $state.raw<Omit<PhonesView, "items"> | null>(null);
  trouble = $state.raw<Trouble | null>(null);
  /** No news has come for a while. */
  lost = $state(false);
  readonly desk: Desk;
  #stopped = new AbortController();

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** Fetches the phones and follows what happens on them. Returns what ends it. */
  start(): () => void {
    this.#stopped = new AbortController();
    void this.load();
    return () => this.#stopped.abort();
  }

  async load(): Promise<void> {
    const { signal } = this.#stopped;
    try {
      const { items, ...about } = await this.desk.api.get<PhonesView>("/api/sandbox/phones", signal);
      const phones = items.filter(({ crowd }) => !crowd).map((view) => new Phone(view));
      await Promise.all(phones.map((phone) => this.#history(phone)));
      if (signal.aborted) return;
      this.crowd = items.filter(({ crowd }) => crowd);
      this.phones = phones;
      this.about = about;
      this.trouble = null;
      void this.#follow(about.version, signal);
    } catch (error) {
      if (!signal.aborted) this.trouble = this.desk.troubleOf(error);
    }
  }

  /** Adds phones. @throws ApiProblem `too_many_phones` */
  async add(phones: readonly { name: string; channel: PhoneView["channel"]; country: string }[]): Promise<void> {
    for (const phone of phones) {
      const made = await this.desk.api.create<PhonesView>("/api/sandbox/phones", phone, uuidv7());
      this.phones = [...this.phones, ...made.items.map((view) => new Phone(view))];
    }
  }

  /** As many phones in the crowd as wanted, those of before among them. */
  async gather(count: number, name: string): Promise<readonly PhoneView[]> {
    const missing = count - this.crowd.length;
    if (missing > 0) {
      const body = { name, count: missing, crowd: true };
      const made = await this.desk.api.create<PhonesView>("/api/sandbox/phones", body, uuidv7());
      this.crowd = [...this.crowd, ...made.items];
    }
    return this.crowd.slice(0, count);
  }

  async sendHome(): Promise<void> {
    await this.desk.api.delete("/api/sandbox/crowd");
    this.crowd = [];
  }

  async change(phone: Phone, change: Partial<Pick<PhoneView, "name" | "switched_off" | "carrier_opt_out">>): Promise<void> {
    phone.view = await this.desk.api.put<PhoneView>(`/api/sandbox/phones/${phone.view.id}`, change);
  }

  async remove(phone: Phone): Promise<void> {
    await this.desk.api.delete(`/api/sandbox/phones/${phone.view.id}`);
    this.phones = this.phones.filter((other) => other !== phone);
  }

  /** Sends a text; until it has arrived it stands on the phone as being sent. */
  async send(phone: Phone, body: string, again?: Outgoing): Promise<void> {
    const text = { id: again?.id ?? uuidv7(), body, at: new Date().toISOString(), failed: false };
    phone.outgoing = [...phone.outgoing.filter(({ id }) => id !== text.id), text];
    try {
      phone.take(await this.say(phone.view, body, text.id), phone.looked_at);
      phone.outgoing = phone.outgoing.filter(({ id }) => id !== text.id);
      if (phone.view.carrier_opt_out) await this.change(phone, {});
    } catch (error) {
      phone.outgoing = phone.outgoing.map((one) => (one.id === text.id ? { ...one, failed: true } : one));
      this.desk.tell(error);
    }
  }

  /** Says a text to the server; what stands on the phone then. @throws ApiProblem */
  async say(phone: PhoneView, body: string, key: string): Promise<readonly PhoneMessageView[]> {
    const path = `/api/sandbox/phones/${phone.id}/texts`;
    const { text, replies } = await this.desk.api.create<SaidView>(path, { body }, key);
    return [text, ...replies];
  }

  /** Texts from before those that are here. */
  async loadEarlier(phone: Phone): Promise<void> {
    try {
      await this.#history(phone);
    } catch (error) {
      this.desk.tell(error);
    }
  }

  async #history(phone: Phone): Promise<void> {
    const query = new URLSearchParams({ limit: String(PAGE), ...(phone.earlier ? { cursor: phone.earlier } : {}) });
    const path = `/api/sandbox/phones/${phone.view.id}/messages?${query.toString()}`;
    const page = await this.desk.api.get<PhoneMessagePage>(path, this.#stopped.signal);
    phone.take(page.items, true);
    phone.earlier = page.next_cursor;
  }

  async #follow(version: number, signal: AbortSignal): Promise<void> {
    let after = version;
    while (!signal.aborted) {
      try {
        const path = `/api/sandbox/messages?after=${String(after)}&wait_s=${String(WAIT_S)}`;
        const { items, next } = await this.desk.api.get<PhoneChanges>(path, signal);
        after = next;
        for (const phone of this.phones) phone.take(items.filter(({ phone_id }) => phone_id === phone.view.id));
        this.lost = false;
      } catch (error) {
        if (signal.aborted) return;
        if (this.desk.troubleOf(error).kind === "signed_out") return;
        this.lost = true;
        await pause(AGAIN_MS, signal);
      }
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
