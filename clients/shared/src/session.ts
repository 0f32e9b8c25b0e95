/**
 * Who this device is: a guest from the first tap, an account once somebody signs in.
 *
 * A refresh token is used once. All tabs share the one that is stored, so renewing is done under
 * a lock where the browser has locks, and always with what is stored now.
 */
import { answerOf, ApiProblem } from "./api.ts";
import { readJson, writeJson, type KeyValueStorage } from "./storage.ts";

export interface Session {
  account_id: string;
  display_name: string;
  guest: boolean;
  access_token: string;
  refresh_token: string;
  /** When the access token ends, milliseconds since 1970 by this device. */
  expires_at_ms: number;
}

/** There is no session (any more): somebody has to enter again. */
export class SessionLost extends Error {
  constructor(message = "Your session has ended.") {
    super(message);
    this.name = "SessionLost";
  }
}

interface Tokens {
  access_token: string;
  refresh_token?: string;
  device_token?: string;
  expires_in: number;
}

interface Profile {
  user: { id: string; display_name: string };
}

const KEY = "setroom:session";
/** Outlives the session, so that a guest who left comes back as the same guest. */
const DEVICE_KEY = "setroom:device";
const LOCK = "setroom:session";
/** Whom this device still has to forget. */
export const FORGET_KEY = "setroom:forget";
/** A token is renewed this long before it ends, in milliseconds. */
const EARLY_MS = 30_000;

export class SessionKeeper {
  readonly #base: string;
  readonly #storage: KeyValueStorage;
  readonly #fetch: typeof fetch;
  readonly #now: () => number;
  #renewing: Promise<Session> | null = null;

  constructor(
    base: string,
    storage: KeyValueStorage,
    fetcher: typeof fetch = fetch.bind(globalThis),
    now: () => number = Date.now,
  ) {
    this.#base = base;
    this.#storage = storage;
    this.#fetch = fetcher;
    this.#now = now;
  }

  /** The stored session as it is, or `null`. */
  get current(): Session | null {
    return readJson<Session | null>(this.#storage, KEY, isSession, null);
  }

  /** A session whose access token is good. @throws SessionLost */
  async session(): Promise<Session> {
    const session = this.current;
    if (session === null) throw new SessionLost("Nobody has entered yet.");
    return session.expires_at_ms - EARLY_MS > this.#now() ? session : this.renew(session);
  }

  /** Enters as a guest: one tap, no form. */
  async enterAsGuest(display_name?: string): Promise<Session> {
    const body = { ...(display_name ? { display_name } : {}), ...this.#opening() };
    const answer = await this.#send<Tokens & Profile>("guest", body);
    return this.#keep(answer, answer.user.id, answer.user.display_name, true);
  }

  /** Signs in; the guest that this device was stays a guest. */
  async logIn(email: string, password: string): Promise<Session> {
    const answer = await this.#send<Tokens & Profile>("login", {
      email,
      password,
      ...this.#opening(),
    });
    return this.#keep(answer, answer.user.id, answer.user.display_name, false);
  }

  /**
   * Signs up; a guest becomes the account and keeps its votes.
   *
   * @param role an artist's account may put on shows.
   */
  async signUp(
    email: string,
    password: string,
    display_name: string,
    role: "fan" | "artist" = "fan",
  ): Promise<Session> {
    const guest = this.current?.guest ? await this.session() : null;
    const body = { email, password, display_name, role, ...this.#opening() };
    const answer = await this.#send<Tokens & Profile>("signup", body, guest?.access_token);
    const session = this.#keep(answer, answer.user.id, answer.user.display_name, false);
    // Only now: an answer that is lost is asked for again as the guest. Without the cookie, which
    // is the new session's already.
    if (guest !== null) void this.#send("logout", { refresh_token: guest.refresh_token }, "", "omit").catch(() => undefined);
    return session;
  }

  /** Ends the session here and on the server, and takes what is theirs off this device. */
  async logOut(): Promise<void> {
    const session = this.current;
    writeJson(this.#storage, KEY, null);
    if (session === null) return;
    await this.#forgetData(session.account_id);
    const body = { refresh_token: session.refresh_token };
    await this.#send("logout", body, session.access_token).catch(() => undefined);
  }

  /** Forgets the session and who this device was: its account does not exist any more. */
  forget(): Promise<void> {
    return this.#alone(async () => {
      const session = this.current;
      writeJson(this.#storage, KEY, null);
      writeJson(this.#storage, DEVICE_KEY, null);
      if (session !== null) await this.#forgetData(session.account_id);
    });
  }

  /** Takes what is somebody's off this device, now or, without the code for it, by the next page. */
  async #forgetData(account_id: string): Promise<void> {
    writeJson(this.#storage, FORGET_KEY, account_id);
    await import("./forget.ts").then((part) => part.forgetLeft(this.#storage)).catch(() => undefined);
  }

  /** A new access token in the place of `stale`. @throws SessionLost */
  renew(stale: Session): Promise<Session> {
    this.#renewing ??= this.#alone(() => this.#renewNow(stale)).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewNow(stale: Session): Promise<Session> {
    const stored = this.current;
    if (stored === null) throw new SessionLost();
    // Another tab was faster.
    if (stored.access_token !== stale.access_token) return stored;
    try {
      const tokens = await this.#send<Tokens>("refresh", { refresh_token: stored.refresh_token });
      return this.#keep(tokens, stored.account_id, stored.display_name, stored.guest);
    } catch (error) {
      if (error instanceof ApiProblem && (error.status === 401 || error.status === 403)) {
        writeJson(this.#storage, KEY, null);
        // An answer that was lost on the way looks like a copied token. A guest's device is
        // still known, so it comes back as the same guest.
        if (stored.guest && this.#device().device_token) return this.enterAsGuest();
        throw new SessionLost();
      }
      throw error;
    }
  }

  #alone<Value>(work: () => Promise<Value>): Promise<Value> {
    const locks = (globalThis.navigator as Navigator | undefined)?.locks as LockManager | undefined;
    return locks ? locks.request(LOCK, work) : work();
  }

  async #send<Answer>(
    name: string,
    body: unknown,
    access_token?: string,
    credentials: RequestCredentials = "same-origin",
  ): Promise<Answer> {
    const response = await this.#fetch(new URL(`/api/auth/${name}`, this.#base), {
      method: "POST",
      credentials,
      headers: {
        "content-type": "application/json",
        ...(access_token ? { authorization: `Bearer ${access_token}` } : {}),
      },
      body: JSON.stringify(body),
    });
    return answerOf<Answer>(response);
  }

  #keep(tokens: Tokens, account_id: string, display_name: string, guest: boolean): Session {
    const session: Session = {
      account_id,
      display_name,
      guest,
      access_token: tokens.access_token,
      refresh_token: tokens.refresh_token ?? this.current?.refresh_token ?? "",
      expires_at_ms: this.#now() + tokens.expires_in * 1000,
    };
    writeJson(this.#storage, KEY, session);
    if (tokens.device_token) writeJson(this.#storage, DEVICE_KEY, tokens.device_token);
    return session;
  }

  /**
   * What comes along when a session is opened. The cookie lets the server write pages for this
   * person (a draft's, a private show's); calls are made with the bearer token.
   */
  #opening(): { session_cookie: true; device_token?: string } {
    return { session_cookie: true, ...this.#device() };
  }

  #device(): { device_token?: string } {
    const device_token = readJson(this.#storage, DEVICE_KEY, isText, "");
    return device_token ? { device_token } : {};
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isSession(value: unknown): value is Session | null {
  return typeof value === "object" && (value === null || "refresh_token" in value);
}
