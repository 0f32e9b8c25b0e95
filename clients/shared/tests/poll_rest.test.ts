/** What a poll does in a quiet room: it asks briefly, and ever less often where that holds. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { POLL_LONG_WAIT_S, POLL_WAIT_S } from "../src/limits.ts";
import type { HttpRoom } from "../src/over_http/calls.ts";
import type { TransportEvents } from "../src/transport.ts";

const CURSOR = "2.7.1.fan.y";

/** Polls as they were asked; each waits for its whole time unless `cutAfter_s` ends it. */
class Quiet implements HttpRoom {
  readonly show_id = "show";
  readonly random = Math.random;
  readonly document = { stateVector: (): Uint8Array => new Uint8Array([0]) };
  readonly asked: URLSearchParams[] = [];
  cutAfter_s = Infinity;

  readonly request = async (_method: string, path: string, _body: unknown, signal: AbortSignal): Promise<Response> => {
    const { pathname, searchParams } = new URL(path, "http://room");
    if (!pathname.endsWith("/poll")) return Response.json({ seq: 0, update: "AAA=", state_vector: "AA==" });
    this.asked.push(searchParams);
    const wait_s = Number(searchParams.get("wait_s"));
    await new Promise((resolve) => setTimeout(resolve, Math.min(wait_s, this.cutAfter_s) * 1000));
    signal.throwIfAborted();
    if (wait_s > this.cutAfter_s) throw new TypeError("cut");
    if (this.asked.length > 1) return new Response(null, { status: 204 });
    const [you, state] = [{ participant_id: "p", can: [] }, {}];
    return Response.json({ epoch: "e", seq: 2, recovered: false, cursor: CURSOR, events: [], states: [], you, state });
  };
}

let ended: number[];
const events = (): TransportEvents => ({
  opened: () => undefined,
  alive: () => undefined,
  message: () => undefined,
  frame: () => undefined,
  closed: (code: number) => ended.push(code),
});

beforeEach(() => {
  ended = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  vi.resetModules(); // what a page has learned of its line is the page's
});
afterEach(() => {
  vi.useRealTimers();
});

const waits = (room: Quiet): (string | null)[] => room.asked.map((query) => query.get("wait_s"));

it("asks in short, and waits longer once a wait has held", async () => {
  const { PollTransport } = await import("../src/over_http/poll_transport.ts");
  const room = new Quiet();
  const poll = new PollTransport(room, null, events());
  poll.start();
  await vi.advanceTimersByTimeAsync(4 * 60_000);
  const [first, ...rest] = room.asked;
  expect(first?.has("at")).toBe(false);
  expect(rest.every((query) => query.get("at") === `e.${CURSOR}` && [...query].length === 2)).toBe(true);
  const long = String(POLL_LONG_WAIT_S);
  expect(waits(room)).toEqual(["0", String(POLL_WAIT_S), long, long, long, long]);
  expect(ended).toEqual([]);
  poll.close();
});

it("goes back to short waits for good where a long one was cut", async () => {
  const { PollTransport } = await import("../src/over_http/poll_transport.ts");
  const room = new Quiet();
  room.cutAfter_s = 50;
  new PollTransport(room, null, events()).start();
  await vi.advanceTimersByTimeAsync(2 * 60_000);
  expect(ended).toHaveLength(1);
  const next = new Quiet();
  next.cutAfter_s = 50;
  const poll = new PollTransport(next, null, events());
  poll.start();
  await vi.advanceTimersByTimeAsync(3 * 60_000);
  const short = String(POLL_WAIT_S);
  expect(new Set(waits(next).slice(1))).toEqual(new Set([short]));
  expect(ended).toHaveLength(1);
  poll.close();
});
