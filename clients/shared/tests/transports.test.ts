/** One contract for the three ways to a room, and the choice between them. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Way } from "../src/connection.ts";
import type { RoomClientOptions } from "../src/room_client.ts";
import { BACKOFF_MAX_MS, STREAM_WELCOME_TIMEOUT_MS, WAY_PROBE_FIRST_MS } from "../src/limits.ts";
import { addEntry, editEntry, readEntries } from "../src/setlist.ts";
import { memoryStorage, type KeyValueStorage } from "../src/storage.ts";
import { CLOSE_CODES } from "../src/wire.ts";
import { FakeDoors } from "./fake_doors.ts";
import { live, opened, type Opened } from "./opened.ts";

let doors: FakeDoors;
let fans: Opened[];

beforeEach(async () => {
  doors = new FakeDoors();
  await doors.start();
  fans = [];
});

afterEach(async () => {
  for (const { client } of fans) client.destroy();
  await doors.stop();
  vi.useRealTimers();
});

/** A storage that remembers by which way the room was last reached. */
function storageOf(way: Way): KeyValueStorage {
  const storage = memoryStorage();
  if (way !== "socket") storage.setItem("setroom:way", JSON.stringify({ way, at_ms: Date.now() }));
  return storage;
}

function open(way: Way, options: Partial<RoomClientOptions> = {}): Opened {
  const fan = opened(() => doors.room.url, { storage: storageOf(way), request: doors.request, ...options });
  fans.push(fan);
  fan.client.connect();
  return fan;
}

const titles = (fan: Opened): string[] => readEntries(fan.client.doc).map((entry) => entry.title);
const pending = (fan: Opened): number => fan.client.progress.pending.size;

describe.each<Way>(["socket", "stream", "poll"])("a room by %s", (way) => {
  it("comes with the state and the document, and says by which way", async () => {
    doors.edit((doc) => addEntry(doc, "song", { title: "Loser", section: "set1" }));
    const fan = open(way);
    await fan.until(() => live(fan));
    expect(fan.client.connection).toEqual({ kind: "live", way });
    expect(doors.openings).toEqual([way]);
    expect(fan.client.state?.show.title).toBe("Show");
    expect(titles(fan)).toEqual(["Loser"]);
  });

  it("tells what happens, once and in order", async () => {
    const fan = open(way);
    await fan.until(() => live(fan));
    for (const interval_s of [5, 10, 15]) doors.happen({ name: "slow_mode_set", data: { interval_s } });
    await fan.until(() => fan.client.state?.seq === 3);
    expect(fan.happened).toEqual(["slow_mode_set 1", "slow_mode_set 2", "slow_mode_set 3"]);
    expect(fan.client.state?.slow_mode_interval_s).toBe(15);
  });

  it("carries commands in order, each answered by the server's word", async () => {
    const fan = open(way);
    await fan.until(() => live(fan));
    const texts = ["a", "b", "c", "d"];
    await Promise.all(texts.map((text) => fan.client.command("post_chat", { text })));
    expect(doors.done.map(({ args }) => (args as { text: string }).text)).toEqual(texts);
    expect(fan.client.outbox.items).toEqual([]);
  });

  it("refuses a command for good, or asks to say it again", async () => {
    const fan = open(way);
    await fan.until(() => live(fan));
    const no = { t: "reject", code: "", detail: "", retryable: false, retry_after_s: null, meanwhile: null } as const;
    let tries = 0;
    doors.judge = ({ command_id }) => {
      tries += 1;
      return tries === 1 ? { ...no, command_id, code: "room_busy", retryable: true, retry_after_s: 0.01 } : null;
    };
    await fan.client.command("post_chat", { text: "busy" });
    expect(doors.done).toHaveLength(1);
    doors.judge = ({ command_id }) => ({ ...no, command_id, code: "round_closed", detail: "late" });
    const vote = fan.client.command("cast_vote", { round_id: "r", picks: [] });
    await expect(vote).rejects.toMatchObject({ code: "round_closed", detail: "late" });
    expect(fan.refusals).toEqual(["round_closed"]);
  });

  it("goes on after a cut: nothing is lost and nothing is done or told twice", async () => {
    const fan = open(way);
    await fan.until(() => live(fan));
    doors.happen({ name: "slow_mode_set", data: { interval_s: 5 } });
    await fan.until(() => fan.client.state?.seq === 1);
    doors.losesAnswers = true;
    const chat = fan.client.command("post_chat", { text: "hello" });
    await vi.waitUntil(() => doors.done.length === 1);
    doors.cut();
    await fan.until(() => fan.client.connection.kind !== "live");
    doors.happen({ name: "slow_mode_set", data: { interval_s: 10 } });
    doors.losesAnswers = false;
    await chat;
    await fan.until(() => live(fan) && fan.client.state?.seq === 2);
    expect(doors.done).toHaveLength(1);
    expect(fan.happened).toEqual(["slow_mode_set 1", "slow_mode_set 2"]);
  });

  it("carries edits both ways, saved when the server says so", async () => {
    const fan = open(way);
    await fan.until(() => live(fan));
    addEntry(fan.client.doc, "mine", { title: "mine", section: "set1" });
    editEntry(fan.client.doc, "mine", { note: "slow" });
    expect(pending(fan)).toBe(1);
    await fan.until(() => pending(fan) === 0);
    expect(readEntries(doors.room.doc)).toMatchObject([{ title: "mine", note: "slow" }]);
    doors.edit((doc) => addEntry(doc, "theirs", { title: "theirs", section: "set2" }));
    await fan.until(() => titles(fan).length === 2);
  });

  it("merges what was edited during a cut", async () => {
    const fan = open(way);
    await fan.until(() => live(fan));
    fan.client.networkChanged(false);
    addEntry(fan.client.doc, "mine", { title: "mine", section: "set1" });
    doors.edit((doc) => addEntry(doc, "theirs", { title: "theirs", section: "set2" }));
    fan.client.networkChanged(true);
    await fan.until(() => live(fan) && pending(fan) === 0);
    expect(titles(fan)).toEqual(["mine", "theirs"]);
    expect(readEntries(doors.room.doc).map(({ title }) => title)).toEqual(["mine", "theirs"]);
  });
});

describe.each<Way>(["stream", "poll"])("without a socket, by %s", (way) => {
  it("names the entries that were put back", async () => {
    const fan = open(way);
    await fan.until(() => live(fan));
    doors.refused = [{ code: "setlist_locked", detail: "locked", entries: ["mine"] }];
    addEntry(fan.client.doc, "mine", { title: "mine", section: "set1" });
    await fan.until(() => fan.client.progress.refused.size === 1);
    expect(fan.client.progress.refused.get("mine")).toMatchObject({ code: "setlist_locked" });
    expect(fan.refusals).toEqual(["setlist_locked"]);
  });

  it("brings an evening's edits in parts, and calls none of them saved before the last", async () => {
    const waiting: number[] = [];
    const request: typeof doors.request = (method, path, body, signal) => {
      if (path.endsWith("/updates")) waiting.push(pending(fan));
      return doors.request(method, path, body, signal);
    };
    const fan = open(way, { request });
    await fan.until(() => live(fan));
    fan.client.networkChanged(false);
    const note = "n".repeat(500);
    for (let number = 0; number < 300; number += 1) {
      addEntry(fan.client.doc, `song-${String(number)}`, { title: `Song ${String(number)}`, section: "set1", note });
    }
    expect(pending(fan)).toBe(300);
    fan.client.networkChanged(true);
    await fan.until(() => live(fan) && pending(fan) === 0);
    expect(doors.posted.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(150 * 1024);
    expect(waiting).toEqual(doors.posted.map(() => 300));
    expect(waiting.length).toBeGreaterThan(2);
    expect(readEntries(doors.room.doc)).toEqual(readEntries(fan.client.doc));
    expect(fan.freshDocuments).toBe(0);
  });

  it("is not taken in by a captive portal", async () => {
    const fan = open(way);
    await fan.until(() => live(fan));
    doors.portal = true;
    doors.cut();
    await fan.until(() => fan.client.connection.kind === "offline");
    expect(fan.client.state?.show.title).toBe("Show");
    doors.portal = false;
    await fan.until(() => live(fan));
  });

  it("stays away from somebody who was removed", async () => {
    const request: typeof doors.request = (method, path, body, signal) =>
      /stream|poll/.test(path)
        ? Promise.resolve(
            Response.json(
              { status: 403, code: "removed", detail: "You were removed." },
              { status: 403, headers: { "content-type": "application/problem+json" } },
            ),
          )
        : doors.request(method, path, body, signal);
    const fan = open(way, { request });
    await fan.until(() => fan.client.connection.kind === "refused");
    expect(fan.client.connection).toMatchObject({ code: "removed" });
  });
});

const { setTimeout: realTimeout } = globalThis;
const reallyPause = (duration_ms: number): Promise<void> =>
  new Promise((resolve) => realTimeout(resolve, duration_ms));

describe("the choice of a way", () => {
  const blocked = (): never => {
    throw new TypeError("refused");
  };

  it("falls back to a stream where sockets are blocked, and remembers it", async () => {
    const storage = memoryStorage();
    const fan = open("socket", { storage, openSocket: blocked });
    await fan.until(() => live(fan));
    expect(fan.client.connection).toEqual({ kind: "live", way: "stream" });
    const next = open("socket", { storage, openSocket: blocked });
    await next.until(() => live(next));
    expect(doors.openings).toEqual(["stream", "stream"]);
  });

  it("falls back to polling where a stream is held back", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    doors.holdsBack = true;
    const fan = open("stream");
    await vi.advanceTimersByTimeAsync(STREAM_WELCOME_TIMEOUT_MS - 1);
    expect(fan.client.connection).toEqual({ kind: "behind", way: "stream" });
    await vi.waitUntil(() => live(fan), 4_000);
    expect(fan.client.connection).toEqual({ kind: "live", way: "poll" });
    expect(doors.openings).toEqual(["stream", "poll"]);
  });

  it("comes back to the socket without losing or doubling anything", { timeout: 20_000 }, async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const fan = open("poll");
    await vi.waitUntil(() => live(fan), 4_000);
    expect(fan.client.connection).toMatchObject({ way: "poll" });
    doors.losesAnswers = true;
    const said = fan.client.command("post_chat", { text: "on the way" });
    await vi.advanceTimersByTimeAsync(0);
    expect(doors.done).toHaveLength(1);
    doors.losesAnswers = false;
    addEntry(fan.client.doc, "mine", { title: "mine", section: "set1" });
    await vi.advanceTimersByTimeAsync(BACKOFF_MAX_MS);
    await said;
    const bySocket = ({ client: { connection } }: Opened): boolean =>
      connection.kind === "live" && connection.way === "socket";
    // The clock runs twenty times as fast, so that the socket's handshake is not too late.
    for (let passed_ms = 0; passed_ms < 1.25 * WAY_PROBE_FIRST_MS && !bySocket(fan); passed_ms += 100) {
      await vi.advanceTimersByTimeAsync(100);
      await reallyPause(5);
    }
    await vi.waitUntil(() => live(fan) && bySocket(fan) && pending(fan) === 0, 4_000);
    expect(doors.done).toHaveLength(1);
    expect(readEntries(doors.room.doc).map(({ title }) => title)).toEqual(["mine"]);
  });

  it("does not blame a way for a network that is gone, or a server that restarts", async () => {
    let network = true;
    const fan = open("socket", {
      ticketUrl: () => (network ? Promise.resolve(`${doors.room.url}?ticket=t`) : Promise.reject(new TypeError("gone"))),
    });
    await fan.until(() => live(fan));
    network = false;
    doors.cut();
    await fan.until(() => fan.client.connection.kind === "offline");
    network = true;
    fan.client.connect();
    await fan.until(() => live(fan));
    doors.room.last.socket.close(CLOSE_CODES.restarting, "reconnect_in=0.01s");
    await fan.until(() => fan.client.connection.kind === "reconnecting");
    await fan.until(() => live(fan));
    expect(new Set(doors.openings)).toEqual(new Set(["socket"]));
  });
});
