/**
 * Commands on their way: kept until the server's word, and said again under the same
 * `command_id` after every reconnect and every reload, so that each is done exactly once.
 */
import { CommandRefused } from "./command_refused.ts";
import { OUTBOX_COMMANDS_MAX } from "./limits.ts";
import { readJson, writeJson, type KeyValueStorage } from "./storage.ts";
import type { Ack, CommandArgs, CommandMessage, CommandName, Reject } from "./wire.ts";

export interface OutboxItem<Name extends CommandName = CommandName> {
  command_id: string;
  name: Name;
  args: CommandArgs[Name];
  /** Milliseconds since 1970, by this device. */
  created_at_ms: number;
}

interface Waiting {
  resolve(ack: Ack): void;
  reject(error: CommandRefused): void;
}

export class Outbox {
  readonly #storage: KeyValueStorage;
  readonly #key: string;
  readonly #waiting = new Map<string, Waiting>();
  #items: readonly OutboxItem[];

  constructor(storage: KeyValueStorage, key: string) {
    this.#storage = storage;
    this.#key = key;
    this.#items = readJson(storage, key, isItems, []);
  }

  /** What awaits an answer, oldest first. */
  get items(): readonly OutboxItem[] {
    return this.#items;
  }

  /**
   * Keeps a command and promises the server's word on it.
   *
   * @throws CommandRefused (as a rejection) `outbox_full`, or with the server's code.
   */
  add(item: OutboxItem): Promise<Ack> {
    if (this.#items.length >= OUTBOX_COMMANDS_MAX) {
      return Promise.reject(new CommandRefused("outbox_full", "Too much is waiting to be sent."));
    }
    this.#keep([...this.#items, item]);
    return new Promise((resolve, reject) => {
      this.#waiting.set(item.command_id, { resolve, reject });
    });
  }

  /** Settles a command by its ack; the command, if it was ours. */
  acknowledge(ack: Ack): OutboxItem | undefined {
    const item = this.#take(ack.command_id);
    this.#waiting.get(ack.command_id)?.resolve(ack);
    this.#waiting.delete(ack.command_id);
    return item;
  }

  /** Settles a command by a final refusal; the command, if it was ours. */
  refuse(reject: Reject): OutboxItem | undefined {
    const item = this.#take(reject.command_id);
    this.#waiting.get(reject.command_id)?.reject(new CommandRefused(reject.code, reject.detail));
    this.#waiting.delete(reject.command_id);
    return item;
  }

  /** Takes back what has not been answered, for instance a vote that a newer one replaces. */
  #take(command_id: string): OutboxItem | undefined {
    const item = this.#items.find((other) => other.command_id === command_id);
    if (item !== undefined) this.#keep(this.#items.filter((other) => other !== item));
    return item;
  }

  #keep(items: readonly OutboxItem[]): void {
    this.#items = items;
    writeJson(this.#storage, this.#key, items.length ? items : null);
  }
}

/** The frame of a command. */
export function commandMessage(item: OutboxItem): CommandMessage {
  return { t: "command", command_id: item.command_id, name: item.name, args: item.args };
}

function isItems(value: unknown): value is readonly OutboxItem[] {
  return (
    Array.isArray(value) &&
    value.every((item: unknown) => {
      if (typeof item !== "object" || item === null) return false;
      return "command_id" in item && "name" in item && "args" in item && "created_at_ms" in item;
    })
  );
}
