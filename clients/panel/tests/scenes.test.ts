import { describe, expect, it } from "vitest";
import { AWAITED_MS, IDLE_TURN_MS, RESULT_SHOWN_MS, sceneOf, SECRET_SHOWN_MS, TAKEOVER_MS } from "../src/displays/scenes.ts";
import { after, config, NOON, NOON_MS, result, room, round } from "./display_rooms.ts";

const NOTHING_TOLD = new Map<string, number>();
const kindAt = (state: ReturnType<typeof room>, now_ms: number, told = NOTHING_TOLD): string =>
  sceneOf(state, now_ms, told).kind;

describe("the big screen's scene", () => {
  it("is a round while it takes votes, and the count after its last second", () => {
    const state = room({ rounds: [round()] });
    expect(kindAt(state, NOON_MS + 59_000)).toBe("open");
    expect(kindAt(state, NOON_MS + 60_000)).toBe("counting");
    expect(kindAt(room({ rounds: [round({ status: "grace" })] }), NOON_MS + 5_000)).toBe("counting");
  });

  it("goes on with a round that is closed by hand", () => {
    const state = room({ rounds: [round({ closes_at: null })] });
    expect(kindAt(state, NOON_MS + 3_600_000)).toBe("open");
  });

  it("tells a result for a while, and then how to get in", () => {
    const state = room({ rounds: [round({ status: "closed", closed_at: after(60), result: result() })] });
    expect(kindAt(state, NOON_MS + 60_000)).toBe("result");
    expect(kindAt(state, NOON_MS + 60_000 + RESULT_SHOWN_MS)).toBe("join");
  });

  it("counts from when it was told, not from when the round closed", () => {
    const told_at_ms = NOON_MS + 600_000;
    const state = room({ rounds: [round({ status: "revealed", closed_at: after(60), result: result() })] });
    expect(kindAt(state, told_at_ms)).toBe("join");
    expect(kindAt(state, told_at_ms, new Map([["r1", told_at_ms]]))).toBe("result");
  });

  it("waits for a reveal, but not all night, and shortly where there is none", () => {
    const closed = { status: "closed", closed_at: after(60) } as const;
    const manual = room({ rounds: [round({ ...closed, config: config({ visibility: "manual" }) })] });
    expect(kindAt(manual, NOON_MS + 60_000 + AWAITED_MS - 1)).toBe("awaiting");
    expect(kindAt(manual, NOON_MS + 60_000 + AWAITED_MS)).toBe("join");
    const never = room({ rounds: [round({ ...closed, config: config({ visibility: "never" }) })] });
    expect(kindAt(never, NOON_MS + 60_000 + SECRET_SHOWN_MS)).toBe("join");
  });

  it("tells a result before the runoff that it made", () => {
    const ended = round({ status: "closed", closed_at: after(60), result: result({ winners: ["o1", "o2"] }) });
    const runoff = round({ round_id: "r2", opened_at: after(60), closes_at: after(120), runoff_of: "r1" });
    const state = room({ rounds: [ended, runoff] });
    expect(kindAt(state, NOON_MS + 62_000)).toBe("result");
    expect(kindAt(state, NOON_MS + 60_000 + RESULT_SHOWN_MS / 4 + 1)).toBe("open");
  });

  it("gives way to a new round at once", () => {
    const ended = round({ status: "closed", closed_at: after(60), result: result() });
    const next = round({ round_id: "r2", opened_at: after(65), closes_at: after(120) });
    expect(kindAt(room({ rounds: [ended, next] }), NOON_MS + 66_000)).toBe("open");
  });

  it("is the crew's when it has something to say", () => {
    const announcement = { announcement_id: "a1", text: "Last train at 23:40", display_name: "Ada", at: NOON };
    const state = room({ announcement, rounds: [round()] });
    expect(kindAt(state, NOON_MS + 1_000)).toBe("announcement");
    expect(kindAt(state, NOON_MS + TAKEOVER_MS)).toBe("open");
  });

  it("takes turns while nothing happens, every other one with the way in", () => {
    const leaderboard = {
      entries: [1, 2].map((rank) => ({ rank, label: "x", votes: 1, voters: 1, rounds: 1, wins: 0 })),
      rounds: 1, votes: 2, voters: 2,
    };
    const song_requests = { "": { round_id: "", requests: [], waiting: 1 } };
    const state = room({ leaderboard, song_requests });
    const begin_ms = IDLE_TURN_MS * 1000;
    const turns = [0, 1, 2, 3, 4].map((turn) => kindAt(state, begin_ms + turn * IDLE_TURN_MS));
    expect(turns).toEqual(["join", "wishes", "join", "leaderboard", "join"]);
    expect(kindAt(room(), begin_ms + IDLE_TURN_MS)).toBe("join");
  });

  it("says goodbye when the show is over", () => {
    const show = { ...room().show, status: "closed" } as const;
    expect(kindAt(room({ show }), NOON_MS)).toBe("over");
  });

  it("does not say goodbye to a show that has not begun", () => {
    for (const status of ["draft", "published"] as const) {
      expect(kindAt(room({ show: { ...room().show, status } }), NOON_MS)).toBe("join");
    }
  });
});
