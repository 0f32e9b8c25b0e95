/** Who sits at the panel or the account page, and the way from here to the server. */
import { Api, ApiProblem, browserStorage, SessionKeeper, SessionLost, type Session } from "@setroom/shared";
import { refusalText } from "../i18n.ts";
import { toasts } from "../toasts.svelte.ts";
import { fieldText, t } from "./texts.ts";

/** What went wrong, in words, and whether the same may go well later. */
export interface Trouble {
  kind: "offline" | "missing" | "not_allowed" | "signed_out" | "other";
  text: string;
}

export class Desk {
  readonly keeper: SessionKeeper;
  readonly api: Api;
  session = $state.raw<Session | null>(null);
  online = $state(navigator.onLine);

  constructor(origin: string) {
    this.keeper = new SessionKeeper(origin, browserStorage());
    this.api = new Api(origin, this.keeper);
    this.session = this.keeper.current;
  }

  /** Whether somebody with an account is here: a guest puts on no shows. */
  get account(): Session | null {
    return this.session?.guest === false ? this.session : null;
  }

  /** Watches the network, and what other tabs do to the session. Returns what undoes that. */
  start(): () => void {
    const online = (): void => void (this.online = true);
    const offline = (): void => void (this.online = false);
    const stored = (): void => void (this.session = this.keeper.current);
    window.addEventListener("online", online);
    window.addEventListener("offline", offline);
    window.addEventListener("storage", stored);
    return () => {
      window.removeEventListener("online", online);
      window.removeEventListener("offline", offline);
      window.removeEventListener("storage", stored);
    };
  }

  async logIn(email: string, password: string): Promise<void> {
    this.session = await this.keeper.logIn(email, password);
  }

  /** @param role an artist's account may put on shows. */
  async signUp(
    email: string,
    password: string,
    display_name: string,
    role: "fan" | "artist",
  ): Promise<void> {
    this.session = await this.keeper.signUp(email, password, display_name, role);
  }

  async logOut(): Promise<void> {
    await this.keeper.logOut();
    this.session = null;
  }

  /** Nobody is here any more, on the server either: the device is forgotten with the account. */
  async forget(): Promise<void> {
    await this.keeper.forget();
    this.session = null;
  }

  /** What an error means to the person; a session that has ended ends here as well. */
  troubleOf(error: unknown): Trouble {
    if (error instanceof SessionLost) {
      this.session = null;
      return { kind: "signed_out", text: t("sign.out") };
    }
    if (!(error instanceof ApiProblem)) {
      if (!isNetworkError(error)) throw error;
      return { kind: "offline", text: t("refusal.network") };
    }
    const text = refusalText(error.code, error.detail);
    if (error.status === 404) return { kind: "missing", text };
    return { kind: error.status === 403 ? "not_allowed" : "other", text };
  }

  /** Says at the page's edge what went wrong. */
  tell(error: unknown): void {
    toasts.show(this.troubleOf(error).text, "bad");
  }
}

/** What is wrong with each field, by the field's name; empty if it is about something else. */
export function fieldErrors(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ApiProblem)) return {};
  return Object.fromEntries(
    error.errors.map(({ field, code, detail }) => [field, fieldText(code, detail)]),
  );
}

/** `fetch` throws a `TypeError` when nobody answers, and an abort or a time limit a `DOMException`. */
function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof DOMException;
}
