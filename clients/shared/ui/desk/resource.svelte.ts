/** Something from the server: on its way, here, or the reason why not. */
import type { Desk, Trouble } from "./desk.svelte.ts";

export class Resource<Value> {
  value = $state.raw<Value | null>(null);
  trouble = $state.raw<Trouble | null>(null);
  busy = $state(false);
  readonly #desk: Desk;
  readonly #fetch: (signal: AbortSignal) => Promise<Value>;
  #under_way: AbortController | null = null;

  constructor(desk: Desk, fetch: (signal: AbortSignal) => Promise<Value>) {
    this.#desk = desk;
    this.#fetch = fetch;
  }

  /** Fetches it, once more if need be; what is here already stays until then. */
  async load(): Promise<void> {
    this.stop();
    const own = new AbortController();
    this.#under_way = own;
    this.busy = true;
    try {
      const value = await this.#fetch(own.signal);
      if (own.signal.aborted) return;
      this.value = value;
      this.trouble = null;
    } catch (error) {
      if (!own.signal.aborted) this.trouble = this.#desk.troubleOf(error);
    } finally {
      if (this.#under_way === own) {
        this.#under_way = null;
        this.busy = false;
      }
    }
  }

  /** Gives up what is on its way. */
  stop(): void {
    this.#under_way?.abort();
    this.#under_way = null;
    this.busy = false;
  }

  /** Loads it now and whenever the person comes back to the page. For `$effect` and `onMount`. */
  watch(): () => void {
    void this.load();
    const seen = (): void => {
      if (document.visibilityState === "visible") void this.load();
    };
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("online", seen);
    return () => {
      this.stop();
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("online", seen);
    };
  }
}
