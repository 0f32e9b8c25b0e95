/** Calls with a display's own token, which stands in the address's fragment and nowhere else. */
import { answerOf, ApiProblem, TicketRefused } from "@setroom/shared";
import type { DisplayFacts, TurnoutView } from "@setroom/shared";
import type { Request } from "@setroom/shared/over_http";

/** A difference of clocks below this is how long the answer took. */
const CLOCK_NOISE_MS = 1_500;

/**
 * A display reads the list from the room's state and edits nothing: the shared document, which is
 * for people's apps, stays empty here and is not asked for (a Yjs update and state vector of nothing).
 */
const DOCUMENT = "/setlist/document";
const EMPTY_DOCUMENT = { seq: 0, update: "AAA=", state_vector: "AA==" };

export class DisplayApi {
  readonly display_id: string;
  readonly #origin: string;
  readonly #token: string;
  #offset_ms = 0;

  constructor(origin: string, display_id: string, token: string) {
    this.#origin = origin;
    this.display_id = display_id;
    this.#token = token;
  }

  /** What this device's clock lacks to the server's, in milliseconds; 0 if it is near enough. */
  get offset_ms(): number {
    return this.#offset_ms;
  }

  /** Show, join address, codes. @throws ApiProblem, TypeError without a network. */
  facts(signal: AbortSignal): Promise<DisplayFacts> {
    return this.#call("GET", `/api/displays/${this.display_id}/facts`, null, signal);
  }

  /** How many have voted in rounds whose count is a secret. @throws ApiProblem, TypeError */
  turnout(signal: AbortSignal): Promise<TurnoutView> {
    return this.#call("GET", `/api/displays/${this.display_id}/turnout`, null, signal);
  }

  /** The socket's URL with a new ticket. @throws TicketRefused if this display is over. */
  async ticketUrl(signal: AbortSignal): Promise<string> {
    try {
      const path = `/api/displays/${this.display_id}/ticket`;
      const { url } = await this.#call<{ url: string }>("POST", path, {}, signal);
      const socket = new URL(url, this.#origin);
      socket.protocol = socket.protocol.replace("http", "ws");
      return socket.href;
    } catch (error) {
      const over = error instanceof ApiProblem && isOver(error);
      throw over ? new TicketRefused(error.code, error.detail) : error;
    }
  }

  /** For the ways to a room without a socket. */
  readonly request: Request = async (method, path, body, signal) =>
    path.includes(DOCUMENT) ? Response.json(EMPTY_DOCUMENT) : this.#fetch(method, path, body, signal);

  async #call<Answer>(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Answer> {
    return answerOf<Answer>(await this.#fetch(method, path, body, signal));
  }

  async #fetch(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const response = await fetch(new URL(path, this.#origin), {
      method,
      signal,
      credentials: "omit",
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === null || body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === null || body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // `Date` has whole seconds: on the average half of one is gone.
    const offset_ms = Date.parse(response.headers.get("date") ?? "") + 500 - Date.now();
    if (!Number.isNaN(offset_ms)) this.#offset_ms = Math.abs(offset_ms) < CLOCK_NOISE_MS ? 0 : offset_ms;
    return response;
  }
}

/** Whether a refusal is for good: the token is wrong, or the crew has ended the display. */
export function isOver(problem: ApiProblem): boolean {
  return problem.status === 401 || problem.status === 403 || problem.status === 404;
}
