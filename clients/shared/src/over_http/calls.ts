/** The calls of a room without a socket, each with an end in time. */
import { CALL_TIMEOUT_MS } from "../limits.ts";

/** Makes a call with the session's token; rejects only where there is no answer. */
export type Request = (
  method: "GET" | "POST",
  path: string,
  body: unknown,
  signal: AbortSignal,
) => Promise<Response>;

/** Whoever is called for what belongs to the document. */
export interface DocumentPlace {
  stateVector(): Uint8Array;
}

export interface HttpRoom {
  show_id: string;
  request: Request;
  document: DocumentPlace;
  random: () => number;
}

/** A signal that ends with `signal`, or after `timeout_ms`. (`AbortSignal.any` is too young.) */
export function within(signal: AbortSignal, timeout_ms: number): AbortSignal {
  const either = new AbortController();
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    either.abort();
  };
  const timer = setTimeout(end, timeout_ms);
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return either.signal;
}

/** A JSON answer of the server itself: a captive portal answers everything with a page. */
export function isOurs(response: Response): boolean {
  const type = response.headers.get("content-type") ?? "";
  return !response.redirected && /[/+](json|event-stream)\b/.test(type);
}

/** One call about the room. */
export function call(
  room: HttpRoom,
  method: "GET" | "POST",
  path: string,
  body: unknown,
  signal: AbortSignal,
  timeout_ms = CALL_TIMEOUT_MS,
): Promise<Response> {
  const whole = `/api/shows/${room.show_id}${path}`;
  return room.request(method, whole, body, within(signal, timeout_ms));
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
