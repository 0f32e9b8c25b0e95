/** Where commands lie that wait: a key for each, so that tabs do not overwrite one another. */
import { OUTBOX_COMMANDS_MAX, OUTBOX_REFUSALS_KEPT } from "./limits.ts";
import { readJson, writeJson, type KeyValueStorage } from "./storage.ts";
import type { CommandArgs, CommandName } from "./wire.ts";

/**
 * - `waiting`: not sent; can be taken back.
 * - `sent`: sent, and not answered; it may have been done.
 * - `expired`: it waited for too long, and is sent only if the person says so.
 */
export type OutboxState = "waiting" | "sent" | "expired";

export interface OutboxItem<Name extends CommandName = CommandName> {
  command_id: string;
  name: Name;
  args: CommandArgs[Name];
  /** Milliseconds since 1970, by this device. */
  created_at_ms: number;
  /** The tab that says it. */
  tab_id: string;
  state: OutboxState;
}

/** What the server refused, long after the tap. */
export interface OutboxRefusal {
  item: OutboxItem;
  code: string;
  detail: string;
  refused_at_ms: number;
}

export class OutboxShelf {
  readonly #storage: KeyValueStorage;
  readonly #prefix: string;
  readonly #refusalsKey: string;
  #items: readonly OutboxItem[] = [];
  #refusals: readonly OutboxRefusal[] = [];

  constructor(storage: KeyValueStorage, key: string) {
    this.#storage = storage;
    this.#prefix = `${key}:`;
    this.#refusalsKey = `${key}/refused`;
    this.reread();
  }

  get items(): readonly OutboxItem[] {
    return this.#items;
  }

  get refusals(): readonly OutboxRefusal[] {
    return this.#refusals;
  }

  /** Keeps an item, in the place of what it was before. */
  put(item: OutboxItem): void {
    const known = this.#items.findIndex((other) => other.command_id === item.command_id);
    this.#items = known < 0 ? [...this.#items, item] : this.#items.with(known, item);
    writeJson(this.#storage, this.#prefix + item.command_id, item);
  }

  remove(command_id: string): void {
    this.#items = this.#items.filter((item) => item.command_id !== command_id);
    writeJson(this.#storage, this.#prefix + command_id, null);
  }

  refused(refusal: OutboxRefusal): void {
    this.#keepRefusals([...this.#refusals, refusal].slice(-OUTBOX_REFUSALS_KEPT));
  }

  dismiss(command_id: string): void {
    this.#keepRefusals(this.#refusals.filter(({ item }) => item.command_id !== command_id));
  }

  /** Reads what all tabs have put there. */
  reread(): void {
    const items: OutboxItem[] = [];
    for (let at = 0; at < this.#storage.length; at += 1) {
      const key = this.#storage.key(at);
      if (!key?.startsWith(this.#prefix)) continue;
      const item = readJson<OutboxItem | null>(this.#storage, key, isItem, null);
      if (item !== null) items.push(item);
    }
    // A `command_id` is a UUIDv7: it sorts by the time of the tap.
    items.sort((a, b) => a.created_at_ms - b.created_at_ms || (a.command_id < b.command_id ? -1 : 1));
    this.#items = items.slice(0, 2 * OUTBOX_COMMANDS_MAX);
    this.#refusals = readJson(this.#storage, this.#refusalsKey, isRefusals, []);
  }

  #keepRefusals(refusals: readonly OutboxRefusal[]): void {
    this.#refusals = refusals;
    writeJson(this.#storage, this.#refusalsKey, refusals.length ? refusals : null);
  }
}

function isItem(value: unknown): value is OutboxItem {
  if (typeof value !== "object" || value === null) return false;
  return ["command_id", "name", "args", "created_at_ms", "tab_id", "state"].every((field) => field in value);
}

function isRefusals(value: unknown): value is readonly OutboxRefusal[] {
  return (
    Array.isArray(value) &&
    value.every((refusal: unknown) => {
      if (typeof refusal !== "object" || refusal === null) return false;
      return "item" in refusal && isItem(refusal.item) && "code" in refusal;
    })
  );
}
