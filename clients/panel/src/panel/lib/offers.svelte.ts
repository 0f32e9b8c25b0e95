/** What this server and this account offer besides shows: places that most never see. */
import type { Desk } from "@setroom/shared/ui/desk/desk.svelte.ts";

/** What is tried in the product itself instead of with a carrier or a mail server. */
export type Trial = "sms" | "mail";

/** What the server said in the page's shell. */
export function trialsOf(document: Document): readonly Trial[] {
  const said = document.getElementById("app")?.dataset["sandbox"] ?? "";
  return said.split(" ").filter((one): one is Trial => one === "sms" || one === "mail");
}

class Offers {
  readonly trials = trialsOf(document);
  /** The account that is known to run this server. */
  #admin = $state<string | null>(null);
  #asked: string | null = null;

  /** Whether whoever is here runs this server; asked once for each account. */
  isAdmin(desk: Desk): boolean {
    const own = desk.account?.account_id ?? null;
    return own !== null && this.#admin === own;
  }

  /** Asks who this is. Without an answer nothing more is offered, and the next page asks again. */
  async ask(desk: Desk): Promise<void> {
    const own = desk.account?.account_id ?? null;
    if (own === null || own === this.#asked) return;
    this.#asked = own;
    try {
      const { role } = await desk.api.get<{ role: string }>("/api/auth/profile");
      this.#admin = role === "admin" ? own : this.#admin;
    } catch {
      this.#asked = null;
    }
  }
}

export const offers = new Offers();
