import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { RoomClient, type RoomClientOptions } from "../src/room_client.ts";
import { addEntry, editEntry, readEntries, removeEntry } from "../src/setlist.ts";
import { memoryStorage, type KeyValueStorage } from "../src/storage.ts";
import { TicketRefused } from "../src/ticket.ts";
import { FakeRoom } from "./fake_room.ts";

let room: FakeRoom;
let storage: KeyValueStorage;
let clients: RoomClient[];
let tickets: number;

beforeEach(async () => {
  room = new FakeRoom();
  await room.start();
  storage = memoryStorage();
  clients = [];
  tickets = 0;
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await room.stop();
});

interface Opened {
  client: RoomClient;
  refusals: string[];
  happened: string[];
  freshDocuments: number;
  /** Resolves when `condition` holds, checked at every change. */
  until(condition: () => boolean): Promise<void>;
}

function open(options: Partial<RoomClientOptions> = {}, connect = true): Opened {
  let waiting: (() => void)[] = [];
  const opened: Opened = {
    client: undefined as unknown as RoomClient,
    refusals: [],
    happened: [],
    freshDocuments: 0,
    until: async (condition) => {
      while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
  const tell = (): void => {
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  };
  opened.client = new RoomClient(
    {
      show_id: "show",
      doc: new Y.Doc(),
      ticketUrl: () => {
        tickets += 1;
        return Promise.resolve(`${room.url}?ticket=t${String(tickets)}`);
      },
      storage,
      storageKey: "show:me",
      openSocket: (url, protocol) => new WebSocket(url, protocol) as unknown as globalThis.WebSocket,
      random: () => 0,
      ...options,
    },
    {
      change: tell,
      refused: (_item, code) => opened.refusals.push(code),
      happened: ({ name, seq }) => opened.happened.push(`${name} ${String(seq)}`),
      documentRefused: () => void (opened.freshDocuments += 1),
    },
  );
  clients.push(opened.client);
  if (connect) opened.client.connect();
  return opened;
}

const live = ({ client }: Opened): boolean => client.connection.kind === "live" && client.synced;

describe("one socket", () => {
  it("carries the room's messages and the document", async () => {
    addEntry(room.doc, "song", { title: "Loser", section: "set1" });
    const fan = open();
    await fan.until(() => live(fan));
    expect(room.visits).toHaveLength(1);
    expect(room.last.protocol).toBe("setroom.v1");
    expect(fan.client.state?.show.title).toBe("Show");
    expect(readEntries(fan.client.doc).map((entry) => entry.title)).toEqual(["Loser"]);
  });

  it("sends no awareness of somebody who only listens", async () => {
    const fan = open();
    await fan.until(() => live(fan));
    expect(room.last.frames).not.toContain("other");
  });

  it("is opened again with a new ticket, the place in the log and its epoch", async () => {
    room.seq = 7;
    const fan = open();
    await fan.until(() => live(fan));
    expect(room.last.url.searchParams.has("since")).toBe(false);
    room.greet = (visit) => {
      room.welcome(visit, true);
      visit.say({ t: "event", seq: 8, name: "slow_mode_set", at: "", data: { interval_s: 9 } });
    };
    room.last.socket.close(4008, "slow");
    await fan.until(() => fan.client.state?.seq === 8);
    expect(Object.fromEntries(room.last.url.searchParams)).toEqual({
      ticket: "t2",
      since: "7",
      epoch: "epoch-1",
    });
    expect(fan.client.state?.slow_mode_interval_s).toBe(9);
  });

  it("is tried with growing pauses where it ends right after its welcome", async () => {
    room.greet = (visit) => {
      room.welcome(visit);
      visit.socket.close(1011, "");
    };
    const fan = open();
    const attempts = (): number => {
      const { connection } = fan.client;
      return connection.kind === "reconnecting" ? connection.attempt : 0;
    };
    await fan.until(() => attempts() >= 2);
    expect(room.visits.length).toBeLessThanOrEqual(attempts());
  });

  it("is opened again when an event is missing", async () => {
    const fan = open();
    await fan.until(() => live(fan));
    room.last.say({ t: "event", seq: 5, name: "setlist_locked", at: "", data: { participant_id: "x" } });
    await room.until(() => room.visits.length === 2);
    expect(fan.client.state?.setlist_locked).toBe(false);
    expect(room.last.url.searchParams.get("since")).toBe("0");
  });

  it.each([
    [4404, "no_such_room"],
    [4410, "removed"],
    [4029, "too_many"],
    [4444, "refused"],
  ])("stays away after %i", async (code, reason) => {
    const fan = open();
    await fan.until(() => live(fan));
    room.last.socket.close(code, "why");
    await fan.until(() => fan.client.connection.kind === "refused");
    expect(fan.client.connection).toMatchObject({ code: reason, detail: "why" });
    expect(fan.freshDocuments).toBe(0);
  });

  it("comes back with a fresh document after its updates were refused", async () => {
    const fan = open();
    await fan.until(() => live(fan));
    room.last.socket.close(4403, "pending");
    await fan.until(() => fan.freshDocuments === 1);
    expect(fan.client.connection.kind).toBe("refused");
  });

  it("says why no ticket was given, and comes back when asked to", async () => {
    let refuse = true;
    const fan = open({
      ticketUrl: () =>
        refuse
          ? Promise.reject(new TicketRefused("join_code_required", "Enter the code."))
          : Promise.resolve(`${room.url}?ticket=t`),
    });
    await fan.until(() => fan.client.connection.kind === "refused");
    expect(fan.client.connection).toMatchObject({ code: "join_code_required" });
    refuse = false;
    fan.client.connect();
    await fan.until(() => live(fan));
  });

  it("is honest about the network", async () => {
    const fan = open();
    await fan.until(() => live(fan));
    fan.client.networkChanged(false);
    expect(fan.client.connection).toMatchObject({ kind: "offline", reason: "no_network" });
    fan.client.networkChanged(true);
    await fan.until(() => live(fan));
  });
});

describe("events", () => {
  const played = (seq: number) => ({
    t: "event" as const, seq, name: "song_request_marked" as const, at: "2027-05-08T20:00:00Z",
    data: { song_request_id: "q", status: "played", title: "Ripple", requested_by: "p1", marked_by: "c" },
  });

  it("are told once, also those that were missed, and none of a snapshot", async () => {
    const fan = open();
    await fan.until(() => live(fan));
    expect(fan.happened).toEqual([]);
    room.last.say(played(1));
    await fan.until(() => fan.happened.length === 1);
    room.seq = 2;
    room.greet = (visit) => {
      room.welcome(visit, true);
      visit.say(played(2));
    };
    room.last.socket.terminate();
    await fan.until(() => fan.client.state?.seq === 2);
    expect(fan.happened).toEqual(["song_request_marked 1", "song_request_marked 2"]);
  });
});

describe("commands", () => {
  it("are acknowledged, and a vote becomes the own ballot only then", async () => {
    const fan = open();
    await fan.until(() => live(fan));
    const answer = fan.client.command("cast_vote", { round_id: "r", picks: [{ option_id: "o1" }] });
    expect(fan.client.state?.you.ballots).toEqual([]);
    expect(await answer).toMatchObject({ t: "ack" });
    expect(fan.client.state?.you.ballots).toEqual([{ round_id: "r", picks: [{ option_id: "o1" }] }]);
    expect(fan.client.outbox.items).toEqual([]);
  });

  it("are acknowledged, with what counts instead where something later does", async () => {
    const counts: Record<string, object> = {
      cast_vote: { round_id: "r", picks: [{ option_id: "o2" }] },
      rate_entry: { entry_id: "e", value: 1 },
      upvote_song_request: { song_request_id: "q", up: false },
    };
    room.answer = (visit, { command_id, name }) =>
      visit.say({ t: "ack", command_id, seq: 1, data: { ...counts[name], superseded: true } });
    const fan = open();
    await fan.until(() => live(fan));
    await fan.client.command("cast_vote", { round_id: "r", picks: [{ option_id: "o1" }] });
    await fan.client.command("rate_entry", { entry_id: "e", value: -1 });
    await fan.client.command("upvote_song_request", { song_request_id: "q" });
    expect(fan.client.state?.you).toMatchObject({
      ballots: [{ round_id: "r", picks: [{ option_id: "o2" }] }],
      ratings: { e: 1 },
      upvotes: [],
    });
  });

  it("are acknowledged, and so are an upvote and a rating", async () => {
    const fan = open();
    await fan.until(() => live(fan));
    await fan.client.command("upvote_song_request", { song_request_id: "q" });
    await fan.client.command("rate_entry", { entry_id: "e", value: -1 });
    expect(fan.client.state?.you).toMatchObject({ upvotes: ["q"], ratings: { e: -1 } });
    await fan.client.command("upvote_song_request", { song_request_id: "q", up: false });
    await fan.client.command("rate_entry", { entry_id: "e", value: 0 });
    expect(fan.client.state?.you).toMatchObject({ upvotes: [], ratings: {} });
  });

  it("are answered with what the server says of them", async () => {
    room.answer = (visit, { command_id }) =>
      visit.say({ t: "ack", command_id, seq: 1, data: { outcome: "unclear", candidates: [] } });
    const fan = open();
    await fan.until(() => live(fan));
    const { data } = await fan.client.command("request_song", { title: "Darc Star" });
    expect(data.outcome).toBe("unclear");
  });

  it("are said again under the same id until they are answered", async () => {
    room.answer = () => undefined;
    const fan = open();
    await fan.until(() => live(fan));
    const answer = fan.client.command("post_chat", { text: "hello" });
    await room.until(() => room.last.commands.length === 1);
    const [first] = room.last.commands;
    room.answer = (visit, { command_id }) =>
      visit.say({ t: "ack", command_id, seq: 1, data: {} });
    room.last.socket.terminate();
    await answer;
    expect(room.last.commands).toEqual([first]);
    expect(room.visits).toHaveLength(2);
  });

  it("outlive a reload of the page", async () => {
    const before = open({}, false);
    void before.client.command("post_chat", { text: "from the basement" });
    before.client.destroy();
    const after = open();
    await room.until(() => room.visits.length === 1 && room.last.commands.length === 1);
    expect(room.last.commands[0]?.args).toEqual({ text: "from the basement" });
    await after.until(() => after.client.outbox.items.length === 0);
  });

  it("are refused for good with the server's code, and not said again", async () => {
    room.answer = (visit, { command_id }) =>
      visit.say({
        t: "reject", command_id, code: "round_closed", detail: "too late", retryable: false, retry_after_s: null,
        meanwhile: null,
      });
    const fan = open();
    await fan.until(() => live(fan));
    const vote = fan.client.command("cast_vote", { round_id: "r", picks: [] });
    await expect(vote).rejects.toMatchObject({ code: "round_closed" });
    expect(fan.refusals).toEqual(["round_closed"]);
    expect(fan.client.outbox.items).toEqual([]);
  });

  it("are said again after a refusal that asks for it", async () => {
    let tries = 0;
    room.answer = (visit, { command_id }) => {
      tries += 1;
      if (tries === 1) {
        visit.say({
          t: "reject", command_id, code: "room_busy", detail: "", retryable: true, retry_after_s: 0.01,
          meanwhile: null,
        });
      } else visit.say({ t: "ack", command_id, seq: 1, data: {} });
    };
    const fan = open();
    await fan.until(() => live(fan));
    await fan.client.command("post_chat", { text: "hello" });
    expect(tries).toBe(2);
    expect(fan.refusals).toEqual([]);
  });

  it("that are worth nothing later are not kept", () => {
    const fan = open({}, false);
    expect(fan.client.passing("react", { kind: "fire" })).toBe(false);
    expect(fan.client.outbox.items).toEqual([]);
  });
});

describe("edits of the setlist", () => {
  it("are saved when the server says so, not when they were sent", async () => {
    const fan = open();
    await fan.until(() => live(fan) && room.last.updates === 1);
    room.savesUpdates = false;
    addEntry(fan.client.doc, "a", { title: "a", section: "set1" });
    addEntry(fan.client.doc, "b", { title: "b", section: "set1" });
    await room.until(() => room.last.updates === 3);
    expect(Object.fromEntries(fan.client.progress.pending)).toEqual({ a: "sent", b: "sent" });
    room.last.say({ t: "setlist_saved", seq: 2, received: 2 });
    await fan.until(() => fan.client.progress.pending.size === 1);
    expect(Object.fromEntries(fan.client.progress.pending)).toEqual({ b: "sent" });
  });

  it("wait while there is no connection, and are merged and saved when it is back", async () => {
    const fan = open();
    await fan.until(() => live(fan));
    fan.client.networkChanged(false);
    addEntry(fan.client.doc, "mine", { title: "mine", section: "set1" });
    removeEntry(fan.client.doc, "mine");
    addEntry(fan.client.doc, "kept", { title: "kept", section: "set1" });
    addEntry(room.doc, "theirs", { title: "theirs", section: "set1" });
    expect(fan.client.progress.pending.get("kept")).toBe("waiting");
    fan.client.networkChanged(true);
    await fan.until(() => live(fan) && fan.client.progress.pending.size === 0);
    const merged = readEntries(room.doc).map((entry) => entry.title);
    expect(merged.sort()).toEqual(["kept", "theirs"]);
    expect(readEntries(fan.client.doc).map((entry) => entry.title).sort()).toEqual(merged);
  });

  it("made before the first exchange never run ahead of what was edited offline", async () => {
    // An update on top of unknown edits would leave a gap in this device's clock.
    const fan = open({}, false);
    addEntry(fan.client.doc, "offline", { title: "offline", section: "set1" });
    room.greet = (visit) => {
      room.welcome(visit);
      editEntry(fan.client.doc, "offline", { title: "early" });
    };
    fan.client.connect();
    await fan.until(() => live(fan) && fan.client.progress.pending.size === 0);
    const carrying = room.last.frames.filter((kind) => kind !== "sync_step_1");
    expect(carrying[0]).toBe("sync_step_2");
    expect(readEntries(room.doc).map((entry) => entry.title)).toEqual(["early"]);
  });

  it("that wait are known after a reload", () => {
    const before = open({}, false);
    addEntry(before.client.doc, "a", { title: "a", section: "set1" });
    const after = open({ doc: before.client.doc }, false);
    expect(Object.fromEntries(after.client.progress.pending)).toEqual({ a: "waiting" });
  });

  it("that were repaired are named with the reason", async () => {
    const fan = open();
    await fan.until(() => live(fan));
    room.last.say({
      t: "setlist_refused", seq: 1, code: "setlist_locked", entries: ["a"], detail: "locked",
    });
    await fan.until(() => fan.client.progress.refused.size === 1);
    expect(fan.client.progress.refused.get("a")).toMatchObject({ code: "setlist_locked" });
    expect(fan.refusals).toEqual(["setlist_locked"]);
    fan.client.progress.dismiss("a");
    expect(fan.client.progress.refused.size).toBe(0);
  });
});
