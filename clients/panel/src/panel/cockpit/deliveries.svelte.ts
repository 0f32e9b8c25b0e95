/** What becomes of the show's texts, looked at now and then while the night is driven. */
import type { AnalyticsBody, Api } from "@setroom/shared";

/** Between two looks, in milliseconds: carriers tell within seconds, and nobody steers by it. */
const AGAIN_MS = 15_000;

type Figures = Pick<AnalyticsBody, "delivery" | "delivery_rate">;

export class Deliveries {
  now = $state.raw<Figures | null>(null);
  readonly #api: Api;
  readonly #path: string;

  constructor(api: Api, show_id: string) {
    this.#api = api;
    this.#path = `/api/shows/${show_id}/analytics`;
  }

  /** Whether there is anything to tell. */
  get any(): boolean {
    return Object.values(this.now?.delivery ?? {}).some((count) => count !== null && count > 0);
  }

  /** One of the figures. */
  of(name: keyof Figures["delivery"]): number {
    return this.now?.delivery[name] ?? 0;
  }

  /** Looks now and again and again, while somebody looks at the page. Returns what ends it. */
  start(): () => void {
    const looking = new AbortController();
    const look = (): void => void this.#look(looking.signal);
    look();
    const timer = setInterval(look, AGAIN_MS);
    return () => {
      clearInterval(timer);
      looking.abort();
    };
  }

  async #look(signal: AbortSignal): Promise<void> {
    if (document.hidden) return;
    try {
      this.now = await this.#api.get<AnalyticsBody>(this.#path, signal);
    } catch {
      // What was known stays; the connection's own light says that there is none.
    }
  }
}
