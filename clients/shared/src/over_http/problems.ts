/** What a refused call means to a transport: the close code that a socket would have had. */
import { BROKE_OFF } from "../transport.ts";
import { CLOSE_CODES, type Act } from "../wire.ts";

/** The body of a problem document (RFC 9457), as far as a transport needs it. */
export interface RoomProblem {
  status: number;
  /** Stable; empty if the answer was not the server's own, for instance a proxy's. */
  code: string;
  detail: string;
  retryable: boolean;
  retry_after_s: number | null;
  /** What somebody else of the crew did meanwhile. */
  meanwhile: Act | null;
}

/** Reads a problem. Whatever is not one of the server's counts as trouble on the way. */
export async function readProblem(response: Response): Promise<RoomProblem> {
  const body = (await response.json().catch(() => null)) as Partial<RoomProblem> | null;
  const code = typeof body?.code === "string" ? body.code : "";
  const header_s = Number(response.headers.get("retry-after") ?? Number.NaN);
  return {
    status: response.status,
    code,
    detail: typeof body?.detail === "string" ? body.detail : "",
    retryable: code === "" || body?.retryable === true || [429, 503].includes(response.status),
    retry_after_s:
      typeof body?.retry_after_s === "number"
        ? body.retry_after_s
        : Number.isFinite(header_s)
          ? header_s
          : null,
    meanwhile: body?.meanwhile ?? null,
  };
}

/** Code and reason of the end that a problem is, where what was asked for is the room itself. */
export function endOf(problem: RoomProblem): [code: number, reason: string] {
  if (problem.code === "") return [BROKE_OFF, ""];
  if (problem.code === "restarting") {
    return [CLOSE_CODES.restarting, `reconnect_in=${String(problem.retry_after_s ?? 1)}s`];
  }
  if (problem.retryable) return [CLOSE_CODES.try_later, problem.detail];
  switch (problem.status) {
    case 401:
      return [CLOSE_CODES.ticket_expired, problem.detail];
    case 404:
      return [CLOSE_CODES.no_such_room, problem.detail];
    case 413:
      return [CLOSE_CODES.too_large, problem.detail];
    default:
      return [problem.code === "removed" ? CLOSE_CODES.removed : CLOSE_CODES.not_allowed, problem.detail];
  }
}
