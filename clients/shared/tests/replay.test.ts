import { describe, expect, it } from "vitest";
import { Replayer, type ReplaySource } from "../src/replay.ts";
import type { EventMessage } from "../src/wire.ts";
import { snapshot } from "./fake_room.ts";

const BEGIN_MS = Date.parse("2027-05-08T20:00:00Z");
const at = (second: number): string => new Date(BEGIN_MS + second * 1000).toISOString();

/** A song is played every ten seconds; the chat line at seq 4 was removed. */
const LOG = [1, 2, 3, 5, 6, 7].map((seq): EventMessage => ({
  t: "event", seq, name: "now_playing_changed", at: at(seq * 10),
  data: { participant_id: "p", entry_id: `song-${String(seq)}`, title: `Song ${String(seq)}` },
}));

class FakeLog implements ReplaySource {
  asked: string[] = [];
  page_size = 2;

  page(after_seq: number) {
    this.asked.push(`after ${String(after_seq)}`);
    const rest = LOG.filter(({ seq }) => seq > after_seq);
    const events = rest.slice(0, this.page_size);
    const next_after_seq = rest.length > events.length ? (events.at(-1)?.seq ?? null) : null;
    const header = {
      show: { ...snapshot().show, status: "closed" as const },
      epoch: "e", first_seq: 1, last_seq: 7, first_at: at(10), last_at: at(70), events: 6, counts: {},
      marks: [3, 6].map((seq) => ({ seq, at: at(seq * 10), kind: "now_playing_changed", title: `Song ${String(seq)}` })),
    };
    return Promise.resolve({ header: after_seq === 0 ? header : null, events, next_after_seq });
  }

  state(place: { seq: number } | { at: string }) {
    const until = "seq" in place
      ? LOG.filter(({ seq }) => seq <= place.seq)
      : LOG.filter((event) => Date.parse(event.at) <= Date.parse(place.at));
    const last = until.at(-1);
    this.asked.push(`state ${String(last?.seq)}`);
    const { entry_id, title } = last?.data as { entry_id: string; title: string };
    const now_playing = { entry_id, title, at: last?.at ?? "" };
    return Promise.resolve({ seq: last?.seq ?? 0, at: last?.at ?? null, state: snapshot({ now_playing }) });
  }
}

async function opened(source = new FakeLog()): Promise<{ replayer: Replayer; source: FakeLog }> {
  const replayer = await Replayer.open(source);
  if (replayer === null) throw new Error("nothing to play");
  return { replayer, source };
}

const playing = (replayer: Replayer): string | undefined => replayer.state.now_playing?.title;
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("a replay", () => {
  it("begins where the log does, and shows each event at its time", async () => {
    const { replayer } = await opened();
    expect(playing(replayer)).toBe("Song 1");
    replayer.advance(9_999);
    expect(playing(replayer)).toBe("Song 1");
    replayer.advance(1);
    expect(playing(replayer)).toBe("Song 2");
  });

  it("goes over what was removed, and ends with the night", async () => {
    const { replayer } = await opened();
    for (let step = 0; step < 60; step += 1) {
      replayer.advance(1_000);
      await settled();
    }
    expect(playing(replayer)).toBe("Song 7");
    expect(replayer.ended).toBe(true);
  });

  it("waits for what has not been fetched", async () => {
    const { replayer } = await opened();
    replayer.advance(60_000);
    expect(playing(replayer)).toBe("Song 3");
    expect(replayer.position_ms).toBe(BEGIN_MS + 30_000);
  });

  it("jumps back and forth to the same room as playing on", async () => {
    const { replayer, source } = await opened();
    await replayer.seek(BEGIN_MS + 65_000);
    expect(playing(replayer)).toBe("Song 6");
    await replayer.seek(BEGIN_MS + 25_000);
    expect(playing(replayer)).toBe("Song 2");
    replayer.advance(5_000);
    expect(playing(replayer)).toBe("Song 3");
    expect(source.asked.filter((asked) => asked.startsWith("state"))).toEqual(["state 1", "state 6", "state 2"]);
  });

  it("fetches nothing to go a little further", async () => {
    const { replayer, source } = await opened();
    const before = source.asked.length;
    await replayer.seek(BEGIN_MS + 22_000);
    expect(playing(replayer)).toBe("Song 2");
    expect(source.asked).toHaveLength(before);
  });

  it("takes the last of several jumps", async () => {
    const { replayer } = await opened();
    await Promise.all([replayer.seek(BEGIN_MS + 65_000), replayer.seek(BEGIN_MS + 52_000)]);
    expect(playing(replayer)).toBe("Song 5");
  });

  it("knows the marks before and after", async () => {
    const { replayer } = await opened();
    expect(replayer.mark(1)?.title).toBe("Song 3");
    expect(replayer.mark(-1)).toBeUndefined();
    await replayer.seek(BEGIN_MS + 65_000);
    expect(replayer.mark(-1)?.title).toBe("Song 6");
  });
});
