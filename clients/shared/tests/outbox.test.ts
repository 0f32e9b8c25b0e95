/** What waits: by which rules, in which tab, and until when. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CHAT_WORTH_S, OUTBOX_COMMANDS_MAX, OUTBOX_TOLD_AT_ONCE_MS } from "../src/limits.ts";
import { Outbox } from "../src/outbox.ts";
import { memoryStorage, type KeyValueStorage } from "../src/storage.ts";
import { browserTabs, type Tabs } from "../src/tabs.ts";
import type { Reject } from "../src/wire.ts";

/** Tabs that close when told to, with the promise of Web Locks: one at a time is told. */
class FakeTabs {
  readonly #open = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();

  open(tab_id: string): Tabs {
    this.#open.add(tab_id);
    return {
      tab_id,
      whenGone: (other, work) => {
        if (!this.#open.has(other)) work();
        else this.#waiting.set(other, [...(this.#waiting.get(other) ?? []), work]);
      },
    };
  }

  close(tab_id: string): void {
    this.#open.delete(tab_id);
    for (const work of this.#waiting.get(tab_id) ?? []) work();
  }
}

let storage: KeyValueStorage;
let tabs: FakeTabs;
let now_ms: number;
let ids: number;
let outboxes: Outbox[];

beforeEach(() => {
  storage = memoryStorage();
  tabs = new FakeTabs();
  now_ms = 1_000_000;
  ids = 0;
  outboxes = [];
});

afterEach(() => {
  for (const outbox of outboxes) outbox.destroy();
});

function open(tab_id: string): Outbox {
  const outbox = new Outbox({
    storage,
    key: "setroom:outbox:show:me",
    tabs: tabs.open(tab_id),
    now: () => now_ms,
    changed: () => undefined,
    adopted: () => undefined,
  });
  outboxes.push(outbox);
  return outbox;
}

function vote(outbox: Outbox, round_id: string, option_id: string): { id: string; answer: Promise<unknown> } {
  const id = `c${String((ids += 1))}`;
  const { answer } = outbox.add(id, "cast_vote", { round_id, picks: [{ option_id }] });
  answer.catch(() => undefined);
  return { id, answer };
}

function chat(outbox: Outbox, text: string): { id: string; answer: Promise<unknown> } {
  const id = `c${String((ids += 1))}`;
  const { answer } = outbox.add(id, "post_chat", { text });
  answer.catch(() => undefined);
  return { id, answer };
}

const idsOf = (items: readonly { command_id: string }[]): string[] => items.map(({ command_id }) => command_id);
const no = (command_id: string, code: string): Reject => ({
  t: "reject", command_id, code, detail: "late", retryable: false, retry_after_s: null, meanwhile: null,
});

describe("a newer vote", () => {
  it("replaces the unsent one of the same round, and no other", async () => {
    const outbox = open("a");
    const first = vote(outbox, "r1", "o1");
    const other = vote(outbox, "r2", "o1");
    const second = vote(outbox, "r1", "o2");
    await expect(first.answer).rejects.toMatchObject({ code: "replaced" });
    expect(idsOf(outbox.sendable())).toEqual([other.id, second.id]);
  });

  it("leaves one that was sent: it may have been counted, and is said again before it", () => {
    const outbox = open("a");
    const first = vote(outbox, "r1", "o1");
    outbox.sent(first.id);
    const second = vote(outbox, "r1", "o2");
    expect(idsOf(outbox.sendable())).toEqual([first.id, second.id]);
  });

  it("is not undone by the older one that the server asked to say again", async () => {
    const outbox = open("a");
    const first = vote(outbox, "r1", "o1");
    outbox.sent(first.id);
    now_ms += 10;
    vote(outbox, "r1", "o2");
    expect(outbox.again(first.id)).toBe(false);
    await expect(first.answer).rejects.toMatchObject({ code: "replaced" });
  });

  it("makes void what a closed tab still wanted of the same round", () => {
    const [a, b] = [open("a"), open("b")];
    const old = vote(a, "r1", "o1");
    a.sent(old.id);
    b.reread();
    now_ms += 10;
    const fresh = vote(b, "r1", "o2");
    tabs.close("a");
    expect(idsOf(b.sendable())).toEqual([fresh.id]);
    expect(idsOf(b.items)).toEqual([fresh.id]);
  });
});

describe("what has waited", () => {
  it("for longer than its kind is worth is not sent, but kept for the person to decide", () => {
    const outbox = open("a");
    const line = chat(outbox, "what a solo");
    const late = vote(outbox, "r1", "o1");
    now_ms += CHAT_WORTH_S * 1000 + 1;
    expect(idsOf(outbox.sendable())).toEqual([late.id]);
    expect(outbox.items[0]).toMatchObject({ command_id: line.id, state: "expired" });
    outbox.sendAnyway(line.id);
    expect(outbox.items).toContainEqual(expect.objectContaining({ command_id: line.id, state: "waiting" }));
    expect(idsOf(outbox.sendable())).toContain(line.id);
  });

  it("is never given up once it was sent: only the server knows its fate", () => {
    const outbox = open("a");
    const line = chat(outbox, "what a solo");
    outbox.sent(line.id);
    now_ms += 24 * 3_600_000;
    expect(idsOf(outbox.sendable())).toEqual([line.id]);
  });

  it("and was refused is told, also after a reload, until the person has read it", () => {
    const outbox = open("a");
    const late = vote(outbox, "r1", "o1");
    now_ms += OUTBOX_TOLD_AT_ONCE_MS;
    outbox.refuse(no(late.id, "round_closed"));
    expect(outbox.refusals).toMatchObject([{ code: "round_closed", item: { command_id: late.id } }]);
    const reloaded = open("b");
    expect(reloaded.refusals).toHaveLength(1);
    reloaded.dismiss(late.id);
    expect(open("c").refusals).toEqual([]);
  });

  it("and is refused at once is not told twice", () => {
    const outbox = open("a");
    const quick = vote(outbox, "r1", "o1");
    outbox.refuse(no(quick.id, "round_closed"));
    expect(outbox.refusals).toEqual([]);
  });

  it("can be taken back until it was sent", async () => {
    const outbox = open("a");
    const [one, two] = [chat(outbox, "one"), chat(outbox, "two")];
    outbox.sent(two.id);
    expect(outbox.cancel(one.id)).toBe(true);
    await expect(one.answer).rejects.toMatchObject({ code: "cancelled" });
    expect(outbox.cancel(two.id)).toBe(false);
    expect(idsOf(open("b").items)).toEqual([two.id]);
  });

  it("is bounded", async () => {
    const outbox = open("a");
    for (let count = 0; count < OUTBOX_COMMANDS_MAX; count += 1) chat(outbox, "again");
    await expect(chat(outbox, "once more").answer).rejects.toMatchObject({ code: "outbox_full" });
    expect(outbox.items).toHaveLength(OUTBOX_COMMANDS_MAX);
  });
});

describe("several tabs", () => {
  it("each say their own, and see all", () => {
    const [a, b] = [open("a"), open("b")];
    const [mine, theirs] = [chat(a, "mine"), chat(b, "theirs")];
    a.reread();
    expect(idsOf(a.items)).toEqual([mine.id, theirs.id]);
    expect(idsOf(a.sendable())).toEqual([mine.id]);
    expect(idsOf(b.sendable())).toEqual([theirs.id]);
  });

  it("do not overwrite one another", () => {
    const [a, b] = [open("a"), open("b")];
    const kept = chat(a, "kept");
    const done = chat(b, "done");
    b.acknowledge({ t: "ack", command_id: done.id, seq: 1, data: {} });
    expect(idsOf(open("c").items)).toEqual([kept.id]);
  });

  it("take over what a closed one left, and only one of them does", () => {
    const [a, b, c] = [open("a"), open("b"), open("c")];
    const left = chat(a, "left behind");
    b.reread();
    c.reread();
    expect([...b.sendable(), ...c.sendable()]).toEqual([]);
    tabs.close("a");
    for (const outbox of [b, c]) outbox.reread();
    expect(idsOf([...b.sendable(), ...c.sendable()])).toEqual([left.id]);
  });

  it("are told by the browser's locks when another is gone", async () => {
    const held = new Map<string, Promise<unknown>>();
    const locks = {
      // What Web Locks promise: one holder at a time, the next when it is done.
      request: (name: string, options: unknown, work?: () => unknown) => {
        const run = (work ?? options) as () => unknown;
        const turn = (held.get(name) ?? Promise.resolve()).then(run);
        held.set(name, turn);
        return turn;
      },
    } as unknown as LockManager;
    const [here, there] = [browserTabs(locks), browserTabs(locks)];
    let told = 0;
    const { signal } = new AbortController();
    here.whenGone(there.tab_id, () => (told += 1), signal);
    await Promise.resolve();
    expect(told).toBe(0);
    await new Promise<void>((resolve) => here.whenGone("nobody", resolve, signal));
    expect(told).toBe(0);
    // Without locks nobody can tell, so everybody counts as gone.
    await new Promise<void>((resolve) => browserTabs(undefined).whenGone(there.tab_id, resolve, signal));
  });
});
