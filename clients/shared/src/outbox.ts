/**
 * Commands on their way: kept until the server's word, and said again under the same
 * `command_id` after every reconnect and every reload, so that each is done exactly once.
 *
 * Each command has a key of its own in the storage, which all tabs of the device share. A tab
 * says its own commands; those of a tab that is gone are taken over by another.
 */
import { CommandRefused } from "./command_refused.ts";
import { OUTBOX_COMMANDS_MAX, OUTBOX_TOLD_AT_ONCE_MS } from "./limits.ts";
import { ruleOf, subjectOf } from "./outbox_rules.ts";
import { OutboxShelf, type OutboxItem, type OutboxRefusal } from "./outbox_shelf.ts";
import type { KeyValueStorage } from "./storage.ts";
import type { Tabs } from "./tabs.ts";
import type { Ack, CommandArgs, CommandMessage, CommandName, Reject } from "./wire.ts";

export type { OutboxItem, OutboxRefusal, OutboxState } from "./outbox_shelf.ts";

interface Waiting {
  resolve(ack: Ack): void;
  reject(error: CommandRefused): void;
}

export interface OutboxOptions {
  storage: KeyValueStorage;
  key: string;
  tabs: Tabs;
  now: () => number;
  /** Something in it has changed. */
  changed: () => void;
  /** There is more to say than before: commands of a tab that is gone. */
  adopted: () => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #shelf: OutboxShelf;
  readonly #waiting = new Map<string, Waiting>();
  readonly #watched = new Set<string>();
  readonly #gone = new AbortController();
  /** When the newest command about something was given: an older one of another tab is void. */
  readonly #newest = new Map<string, number>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#shelf = new OutboxShelf(options.storage, options.key);
    this.#watchOthers();
  }

  /** What awaits an answer, of all tabs, oldest first. */
  get items(): readonly OutboxItem[] {
    return this.#shelf.items;
  }

  /** What was refused after it had waited, oldest first: for the person to read. */
  get refusals(): readonly OutboxRefusal[] {
    return this.#shelf.refusals;
  }

  /** What this tab has to say now, oldest first. What has waited for too long is not. */
  sendable(): readonly OutboxItem[] {
    const now_ms = this.#options.now();
    for (const item of this.items) {
      if (isStale(item, now_ms)) this.#shelf.put({ ...item, state: "expired" });
    }
    return this.items.filter((item) => this.#isOurs(item) && item.state !== "expired");
  }

  /** Whether a command still awaits an answer, and may be said. */
  isOpen(command_id: string): boolean {
    return this.items.some((item) => item.command_id === command_id && item.state !== "expired");
  }

  /**
   * Keeps a command and promises the server's word on it.
   *
   * @throws CommandRefused (as a rejection) `outbox_full`, `replaced` by a newer one before it
   *   was sent, `cancelled`, or with the server's code.
   */
  add<Name extends CommandName>(
    command_id: string,
    name: Name,
    args: CommandArgs[Name],
  ): { item: OutboxItem; answer: Promise<Ack> } | { item: null; answer: Promise<never> } {
    const created_at_ms = this.#options.now();
    const subject = subjectOf(name, args);
    if (subject !== null) {
      this.#newest.set(subject, created_at_ms);
      for (const older of this.items) {
        const same = subjectOf(older.name, older.args) === subject;
        if (same && older.state !== "sent") this.#settle(older.command_id, "replaced");
      }
    }
    if (this.items.length >= OUTBOX_COMMANDS_MAX) {
      const full = new CommandRefused("outbox_full", "Too much is waiting to be sent.");
      return { item: null, answer: Promise.reject(full) };
    }
    const { tab_id } = this.#options.tabs;
    const item: OutboxItem = { command_id, name, args, created_at_ms, tab_id, state: "waiting" };
    this.#shelf.put(item);
    const answer = new Promise<Ack>((resolve, reject) => {
      this.#waiting.set(command_id, { resolve, reject });
    });
    this.#options.changed();
    return { item, answer };
  }

  /** A command was handed to a connection: from now on only the server knows of its fate. */
  sent(command_id: string): void {
    const item = this.#find(command_id);
    if (item?.state === "waiting") this.#shelf.put({ ...item, state: "sent" });
  }

  /** Settles a command by its ack; the command, if it was ours. */
  acknowledge(ack: Ack): OutboxItem | undefined {
    const item = this.#find(ack.command_id);
    this.#shelf.remove(ack.command_id);
    this.#waiting.get(ack.command_id)?.resolve(ack);
    this.#waiting.delete(ack.command_id);
    return item;
  }

  /** Settles a command by a final refusal; the command, if it was ours. */
  refuse(reject: Reject): OutboxItem | undefined {
    const item = this.#find(reject.command_id);
    const now_ms = this.#options.now();
    if (item !== undefined && now_ms - item.created_at_ms >= OUTBOX_TOLD_AT_ONCE_MS) {
      const { code, detail } = reject;
      this.#shelf.refused({ item, code, detail, refused_at_ms: now_ms });
    }
    this.#settle(reject.command_id, reject.code, reject.detail);
    return item;
  }

  /** Takes back what was not sent. Whether it could be: what was sent may have been done. */
  cancel(command_id: string): boolean {
    const item = this.#find(command_id);
    if (item === undefined || item.state === "sent") return false;
    this.#settle(command_id, "cancelled");
    this.#options.changed();
    return true;
  }

  /** Sends what has waited for too long after all: a new wait begins. */
  sendAnyway(command_id: string): void {
    const item = this.#find(command_id);
    if (item?.state !== "expired") return;
    const { tab_id } = this.#options.tabs;
    this.#shelf.put({ ...item, created_at_ms: this.#options.now(), tab_id, state: "waiting" });
    this.#options.adopted();
    this.#options.changed();
  }

  /** A retryable refusal: nothing was decided. Whether it is worth saying again. */
  again(command_id: string): boolean {
    const item = this.#find(command_id);
    if (item === undefined) return false;
    const subject = subjectOf(item.name, item.args);
    const isNewest = subject === null || (this.#newest.get(subject) ?? 0) <= item.created_at_ms;
    if (isNewest) return true;
    // Said again after the newer one it would count instead of it.
    this.#settle(command_id, "replaced");
    return false;
  }

  /** The person has read a refusal. */
  dismiss(command_id: string): void {
    this.#shelf.dismiss(command_id);
    this.#options.changed();
  }

  /** Another tab has changed the storage. */
  reread(): void {
    this.#shelf.reread();
    this.#watchOthers();
    this.#options.changed();
  }

  /** Lets go: another page of this room takes over. */
  destroy(): void {
    this.#gone.abort();
  }

  #isOurs(item: OutboxItem): boolean {
    return item.tab_id === this.#options.tabs.tab_id;
  }

  #find(command_id: string): OutboxItem | undefined {
    return this.items.find((item) => item.command_id === command_id);
  }

  #settle(command_id: string, code: string, detail = ""): void {
    this.#shelf.remove(command_id);
    this.#waiting.get(command_id)?.reject(new CommandRefused(code, detail));
    this.#waiting.delete(command_id);
  }

  #watchOthers(): void {
    for (const item of this.items) {
      if (this.#isOurs(item) || this.#watched.has(item.tab_id)) continue;
      const { tab_id } = item;
      this.#watched.add(tab_id);
      this.#options.tabs.whenGone(tab_id, () => this.#adopt(tab_id), this.#gone.signal);
    }
  }

  #adopt(gone_id: string): void {
    this.#shelf.reread();
    for (const item of this.items) {
      if (item.tab_id !== gone_id) continue;
      const subject = subjectOf(item.name, item.args);
      const newer = subject !== null && (this.#newest.get(subject) ?? 0) > item.created_at_ms;
      if (newer) this.#shelf.remove(item.command_id);
      else this.#shelf.put({ ...item, tab_id: this.#options.tabs.tab_id });
    }
    this.#options.adopted();
    this.#options.changed();
  }
}

/** The frame of a command. */
export function commandMessage(item: OutboxItem): CommandMessage {
  return { t: "command", command_id: item.command_id, name: item.name, args: item.args };
}

/** Whether a command that was never sent is not worth it any more. */
function isStale(item: OutboxItem, now_ms: number): boolean {
  const { worth_s } = ruleOf(item.name);
  if (item.state !== "waiting" || worth_s === null) return false;
  return now_ms - item.created_at_ms > worth_s * 1000;
}
