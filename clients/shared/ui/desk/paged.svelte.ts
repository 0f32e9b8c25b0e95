/** A list that comes page by page. */
import type { Desk, Trouble } from "./desk.svelte.ts";

export interface PageOf<Item> {
  items: readonly Item[];
  next_cursor?: string | null;
}

export class Paged<Item> {
  items = $state.raw<readonly Item[]>([]);
  /** Whether the first page is here. */
  ready = $state(false);
  busy = $state(false);
  trouble = $state.raw<Trouble | null>(null);
  #cursor = $state<string | null>(null);
  #turn = 0;
  readonly #desk: Desk;
  readonly #fetch: (cursor: string | null) => Promise<PageOf<Item>>;

  constructor(desk: Desk, fetch: (cursor: string | null) => Promise<PageOf<Item>>) {
    this.#desk = desk;
    this.#fetch = fetch;
  }

  get more(): boolean {
    return this.#cursor !== null;
  }

  /** From the first page on; what is shown stays until it is here. */
  load(): Promise<void> {
    return this.#page(null);
  }

  /** The next page. */
  async next(): Promise<void> {
    if (this.#cursor !== null && !this.busy) await this.#page(this.#cursor);
  }

  async #page(cursor: string | null): Promise<void> {
    this.#turn += 1;
    const own = this.#turn;
    this.busy = true;
    try {
      const page = await this.#fetch(cursor);
      if (own !== this.#turn) return;
      this.items = cursor === null ? page.items : [...this.items, ...page.items];
      this.#cursor = page.next_cursor ?? null;
      this.ready = true;
      this.trouble = null;
    } catch (error) {
      if (own === this.#turn) this.trouble = this.#desk.troubleOf(error);
    } finally {
      if (own === this.#turn) this.busy = false;
    }
  }
}
