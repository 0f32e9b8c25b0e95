/** Follows a call that goes on telling (server-sent events), with the session's token. */
import { answerOf, ApiProblem, type Api } from "@setroom/shared";
import { EventLines } from "@setroom/shared/over_http/event_lines";

/** First and longest pause before it is asked again, in milliseconds. */
const PAUSE_FIRST_MS = 1_000;
const PAUSE_MAX_MS = 20_000;

/** A stream says something every 15 s; silent for longer, in milliseconds, it is dead. */
const SILENCE_MS = 40_000;

export interface Follower<Value> {
  /** The newest of what is told. */
  told: (value: Value) => void;
  /** It broke off, or could not be begun; it is tried again unless `final`. */
  lost: (error: unknown, final: boolean) => void;
}

/** Follows until the returned function is called. */
export function follow<Value>(api: Api, path: string, follower: Follower<Value>): () => void {
  const end = new AbortController();
  void keepFollowing(api, path, follower, end.signal);
  return () => end.abort();
}

async function keepFollowing<Value>(
  api: Api, path: string, follower: Follower<Value>, signal: AbortSignal,
): Promise<void> {
  let pause_ms = PAUSE_FIRST_MS;
  while (!signal.aborted) {
    try {
      await once(api, path, signal, (value: Value) => {
        pause_ms = PAUSE_FIRST_MS;
        follower.told(value);
      });
      follower.lost(new TypeError("the stream ended"), false);
    } catch (error) {
      if (signal.aborted) return;
      const final = error instanceof ApiProblem && error.status < 500 && error.status !== 429;
      follower.lost(error, final);
      if (final) return;
    }
    await new Promise((done) => setTimeout(done, pause_ms));
    pause_ms = Math.min(PAUSE_MAX_MS, pause_ms * 2);
  }
}

async function once<Value>(
  api: Api, path: string, signal: AbortSignal, told: (value: Value) => void,
): Promise<void> {
  const own = new AbortController();
  const stop = (): void => own.abort();
  signal.addEventListener("abort", stop);
  let silence = setTimeout(stop, SILENCE_MS);
  try {
    const response = await api.request("GET", path, undefined, own.signal, { accept: "text/event-stream" });
    if (!response.ok || response.body === null) {
      await answerOf(response);
      throw new TypeError("no stream");
    }
    const lines = new EventLines();
    const reader = response.body.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE_MS);
      for (const { data } of lines.take(chunk.value)) told(JSON.parse(data) as Value);
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", stop);
  }
}
