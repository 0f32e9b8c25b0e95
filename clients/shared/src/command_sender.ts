/** Says what waits in the outbox, in order and within the server's rates, until it is answered. */
import { OUTBOX_BURST, OUTBOX_PAUSE_MS } from "./limits.ts";
import { commandMessage, type Outbox, type OutboxItem } from "./outbox.ts";
import type { CommandMessage, Reject } from "./wire.ts";

export class CommandSender {
  readonly #outbox: Outbox;
  readonly #say: (message: CommandMessage) => void;
  /** What this connection was told already. */
  readonly #said = new Set<string>();
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  #burst: ReturnType<typeof setTimeout> | undefined;
  #ready = false;

  constructor(outbox: Outbox, say: (message: CommandMessage) => void) {
    this.#outbox = outbox;
    this.#say = say;
  }

  /** The connection takes commands, or there are new ones to say. */
  flush(): void {
    this.#ready = true;
    clearTimeout(this.#burst);
    this.#burst = undefined;
    const items = this.#outbox.sendable().filter(({ command_id }) => !this.#said.has(command_id));
    for (const item of items.slice(0, OUTBOX_BURST)) this.#transmit(item);
    if (items.length > OUTBOX_BURST) {
      this.#burst = setTimeout(() => this.flush(), OUTBOX_PAUSE_MS);
    }
  }

  /** Something new: said at once, unless older ones are still waiting for their turn. */
  more(): void {
    if (this.#ready && this.#burst === undefined) this.flush();
  }

  /** The connection is gone: all that is not answered is said again by the next one. */
  lost(): void {
    this.#ready = false;
    this.#said.clear();
    clearTimeout(this.#burst);
    this.#burst = undefined;
    for (const retry of this.#retries) clearTimeout(retry);
    this.#retries.clear();
  }

  /** The server could not decide about a command now. */
  sayAgain(reject: Reject): void {
    const { command_id } = reject;
    if (!this.#outbox.again(command_id)) return;
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      this.#said.delete(command_id);
      this.more();
    }, (reject.retry_after_s ?? 1) * 1000);
    this.#retries.add(retry);
  }

  #transmit(item: OutboxItem): void {
    this.#said.add(item.command_id);
    this.#outbox.sent(item.command_id);
    this.#say(commandMessage(item));
  }
}
