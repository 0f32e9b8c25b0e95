/** HTTP calls, with the session's tokens. Errors are problem documents (RFC 9457). */
import type { Session } from "./session.ts";
import { SessionLost, type SessionKeeper } from "./session.ts";
import { TicketRefused } from "./ticket.ts";
import type { RoundView, VoteConfig } from "./wire.ts";

/** Clocks that differ by less than this are taken to agree, in milliseconds. */
export const CLOCK_NOISE_MS = 2_000;

/** What is wrong with one field of what was sent. */
export interface FieldProblem {
  field: string;
  code: string;
  detail: string;
}

/** A call that the server did not carry out. `code` is stable; `detail` is for people. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];

  constructor(status: number, code: string, detail: string, errors: readonly FieldProblem[] = []) {
    super(`${String(status)} ${code}: ${detail}`);
    this.name = "ApiProblem";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = errors;
  }
}

export interface Suggestion {
  song_id: string | null;
  title: string;
  probability?: number;
}

/** What a new round must say; the server fills in the rest. */
export type NewRound = Partial<VoteConfig> & Pick<VoteConfig, "title" | "options">;

export type ShowAction = "publish" | "open" | "close" | "archive" | "cancel";

export class Api {
  readonly #base: string;
  readonly #keeper: SessionKeeper;
  readonly #fetch: typeof fetch;
  #offset_ms = 0;

  constructor(base: string, keeper: SessionKeeper, fetcher: typeof fetch = fetch.bind(globalThis)) {
    this.#base = base;
    this.#keeper = keeper;
    this.#fetch = fetcher;
  }

  /** What this device's clock lacks to the server's, in milliseconds; 0 if it is near enough. */
  get offset_ms(): number {
    return this.#offset_ms;
  }

  /** A socket URL with a new ticket, `ws:` or `wss:` like the page. */
  async ticketUrl(show_id: string, join_code: string | null, signal: AbortSignal): Promise<string> {
    try {
      const body = join_code ? { join_code } : {};
      const path = `/api/shows/${show_id}/ticket`;
      const { url, ticket } = await this.post<{ url: string; ticket: string }>(path, body, signal);
      const socket = new URL(url, this.#base);
      socket.protocol = socket.protocol.replace("http", "ws");
      if (!socket.searchParams.has("ticket")) socket.searchParams.set("ticket", ticket);
      return socket.href;
    } catch (error) {
      if (error instanceof SessionLost) throw new TicketRefused("session_lost", error.message);
      const final = error instanceof ApiProblem && error.status < 500 && error.status !== 429;
      if (final) throw new TicketRefused(error.code, error.detail);
      throw error;
    }
  }

  /** Songs that are likely next, likeliest first. */
  async suggestions(
    show_id: string,
    limit = 8,
    signal?: AbortSignal,
  ): Promise<readonly Suggestion[]> {
    const path = `/api/shows/${show_id}/suggestions?limit=${String(limit)}`;
    const answer = await this.get<{ suggestions: readonly Suggestion[] }>(path, signal);
    return answer.suggestions;
  }

  /** Songs of everybody in the line-up that a text may mean. */
  async songs(show_id: string, text: string, signal?: AbortSignal): Promise<readonly Suggestion[]> {
    const query = new URLSearchParams({ q: text, limit: "10" });
    const path = `/api/shows/${show_id}/songs?${query.toString()}`;
    return (await this.get<{ items: readonly Suggestion[] }>(path, signal)).items;
  }

  /** Rounds of a show, the drafts among them for crew. */
  async rounds(show_id: string): Promise<readonly RoundView[]> {
    const answer = await this.get<{ rounds?: readonly RoundView[]; items?: readonly RoundView[] }>(
      `/api/shows/${show_id}/rounds`,
    );
    return answer.items ?? answer.rounds ?? [];
  }

  /** Keeps a draft round, or opens it at once; its id. @throws ApiProblem with an error per field */
  async createRound(show_id: string, config: NewRound, open: boolean, key: string): Promise<string> {
    return (await this.create<{ id: string }>(`/api/shows/${show_id}/rounds`, { config, open }, key)).id;
  }

  /** One step in the show's life. */
  async changeShow(show_id: string, action: ShowAction): Promise<void> {
    await this.post(`/api/shows/${show_id}/${action}`, {});
  }

  get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    return this.#call<Answer>("GET", path, undefined, signal);
  }

  /** The same for what anybody may read: with the session's token where there is a session. */
  async read<Answer>(path: string): Promise<Answer> {
    if (this.#keeper.current !== null) return this.get<Answer>(path);
    return answerOf<Answer>(await this.#fetch(new URL(path, this.#base)));
  }

  post<Answer>(path: string, body: unknown, signal?: AbortSignal): Promise<Answer> {
    return this.#call<Answer>("POST", path, body, signal);
  }

  /**
   * Makes something. Said again with the same `key` it is made once, whatever became of the answer.
   */
  async create<Answer>(path: string, body: unknown, key: string): Promise<Answer> {
    const headers = { "idempotency-key": key };
    return answerOf<Answer>(await this.request("POST", path, body, undefined, headers));
  }

  put<Answer>(path: string, body: unknown, signal?: AbortSignal): Promise<Answer> {
    return this.#call<Answer>("PUT", path, body, signal);
  }

  delete<Answer = null>(path: string, body?: unknown): Promise<Answer> {
    return this.#call<Answer>("DELETE", path, body, undefined);
  }

  /** A file, such as a poster. @throws ApiProblem as any other call */
  async file(path: string, signal?: AbortSignal): Promise<Blob> {
    const response = await this.request("GET", path, undefined, signal);
    return response.ok ? response.blob() : answerOf<Blob>(response);
  }

  async #call<Answer>(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    return answerOf<Answer>(await this.request(method, path, body, signal));
  }

  /** One call with the session's token, whatever the answer is. @throws SessionLost */
  async request(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const session = await this.#keeper.session();
    const response = await this.#once(session, method, path, body, signal, headers);
    if (response.status !== 401) return response;
    return this.#once(await this.#keeper.renew(session), method, path, body, signal, headers);
  }

  async #once(
    session: Session,
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const response = await this.#fetch(new URL(path, this.#base), {
      method,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      headers: {
        authorization: `Bearer ${session.access_token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const date_ms = Date.parse(response.headers.get("date") ?? "");
    // The header has whole seconds, and was written half of them ago.
    const offset_ms = date_ms + 500 - Date.now();
    if (!Number.isNaN(offset_ms)) this.#offset_ms = Math.abs(offset_ms) < CLOCK_NOISE_MS ? 0 : offset_ms;
    return response;
  }
}

/** The body of a response. @throws ApiProblem if it is an error. */
export async function answerOf<Answer>(response: Response): Promise<Answer> {
  const body: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return body as Answer;
  const problem = (body ?? {}) as Problem;
  const code = typeof problem.code === "string" ? problem.code : `http_${String(response.status)}`;
  const detail = [problem.detail, problem.title].find((text) => typeof text === "string");
  const errors = Array.isArray(problem.errors) ? problem.errors.filter(isFieldProblem) : [];
  throw new ApiProblem(response.status, code, typeof detail === "string" ? detail : "", errors);
}

interface Problem {
  code?: unknown;
  detail?: unknown;
  title?: unknown;
  errors?: unknown;
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return typeof value === "object" && value !== null && "field" in value && "detail" in value;
}
