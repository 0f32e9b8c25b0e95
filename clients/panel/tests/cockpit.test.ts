import type { Act, EventMessage, EventName, RoomState, SetlistEntry } from "@setroom/shared";
import { addTexts } from "@setroom/shared/ui/i18n.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { deedOf, deedOfAct, sentence } from "../src/panel/cockpit/deeds.ts";
import { isNowOrNever } from "../src/panel/cockpit/drive.ts";
import { nextOf } from "../src/panel/cockpit/list/order.ts";
import { fieldProblems } from "../src/panel/cockpit/rounds/field_problems.ts";
import { barsOf, isCurrent, isHidden, leftOf, tiedOf } from "../src/panel/cockpit/rounds/rounds.ts";
import { cockpit as english } from "../src/panel/cockpit/texts/en.ts";
import { cockpit as spanish } from "../src/panel/cockpit/texts/es.ts";
import { after, config, NOON_MS, result, room, round } from "./display_rooms.ts";

const ANA = { participant_id: "ana", display_name: "Ana" };

function event(name: EventName, data: object): EventMessage {
  return { t: "event", seq: 7, name, at: after(0), data } as unknown as EventMessage;
}

beforeAll(() => addTexts(english));

describe("what must not be late", () => {
  it("is what the audience sees at a moment", () => {
    expect(["close_round", "reveal_round", "announce", "set_now_playing"].map((name) => isNowOrNever(name as never))).toEqual([true, true, true, true]);
  });

  it("is not what holds whenever it arrives", () => {
    expect(["mark_song_request", "mute_participant", "lock_setlist", "remove_chat"].map((name) => isNowOrNever(name as never))).toEqual([false, false, false, false]);
  });
});

describe("a deed", () => {
  it("names its author, oneself as oneself, and nobody where a timer did it", () => {
    const state = room({ rounds: [round({ round_id: "r1" })] });
    const closed = deedOf(event("round_closed", { round_id: "r1", closed_at: after(0), by: ANA }), state);
    const timed = deedOf(event("round_closed", { round_id: "r1", closed_at: after(0) }), state);
    expect(closed && sentence(closed, "me")).toBe("Ana closed “What next?”");
    expect(closed && sentence(closed, "ana")).toBe("You closed “What next?”");
    expect(timed && sentence(timed, "me")).toBe("“What next?” is over: its time was up");
  });

  it("is none where a fan chats or edits", () => {
    expect(deedOf(event("chat_posted", { text: "hi" }), room())).toBeNull();
    expect(deedOf(event("setlist_changed", { ...ANA, entries: [] }), room())).toBeNull();
    expect(deedOf(event("chat_removed", { chat_message_id: "c", removed_by: "fan" }), room())).toBeNull();
  });

  it("of a snapshot is told as well, unless this page knows no such deed", () => {
    const act: Act = { what: "setlist_locked", at: after(0), seq: 3, by: ANA };
    expect(deedOfAct(act, "")).toMatchObject({ what: "setlist_locked", by: ANA });
    expect(deedOfAct({ ...act, what: "from_the_future" }, "")).toBeNull();
  });
});

describe("a round", () => {
  it("stays in front while somebody has something to do with it", () => {
    const hidden = round({ status: "closed", config: config({ visibility: "manual" }) });
    expect([isCurrent(round()), isCurrent(hidden), isCurrent(round({ status: "closed" }))]).toEqual([true, true, false]);
    expect(isHidden(hidden)).toBe(true);
  });

  it("asks the artist among the tied, of a bracket among its level pairs", () => {
    const awaited = result({ winners: ["o1", "o2"], tie_rule: "artist_awaited" });
    expect(tiedOf(round({ status: "closed", result: awaited }))).toEqual(["o1", "o2"]);
    const matches = [
      { options: ["o1", "o2"], counts: { o1: 2, o2: 2 } },
      { options: ["o3", "o4"], counts: { o3: 3, o4: 1 }, winner: "o3" },
    ];
    expect(tiedOf(round({ status: "closed", result: { ...awaited, matches } }))).toEqual(["o1", "o2"]);
    expect(tiedOf(round({ status: "closed", result: result({}) }))).toEqual([]);
  });

  it("has time left until its end, none in the grace, and no end where it is closed by hand", () => {
    expect(leftOf(round({ closes_at: after(30) }), NOON_MS)).toBe(30);
    expect(leftOf(round({ closes_at: after(-3) }), NOON_MS)).toBe(0);
    expect(leftOf(round({ status: "grace", closes_at: after(30) }), NOON_MS)).toBe(0);
    expect(leftOf(round({ closes_at: null }), NOON_MS)).toBeNull();
  });

  it("shows its options in their own order while they are counted", () => {
    const tally = { round_id: "r1", options: { o3: 5, o1: 1 }, votes: 6, voters: 6 };
    expect(barsOf(round({ tally })).map(({ id, votes }) => [id, votes])).toEqual([["o1", 1], ["o2", 0], ["o3", 5]]);
  });
});

describe("what is wrong with a round", () => {
  it("stands beside the option that was sent, whichever place it has in the form", () => {
    const problem = { field: "config.options[1].label", code: "x", detail: "Too long." };
    expect(fieldProblems([problem], [0, 2]).of).toEqual({ "options[2]": "Too long." });
  });

  it("is told in the page's words where there are some, once a field", () => {
    const errors = [
      { field: "config.tally.weights", code: "one_class_only", detail: "…" },
      { field: "config.tally.weights.jury", code: "other", detail: "Also." },
    ];
    expect(fieldProblems(errors, []).of).toEqual({ "tally.weights": english["problem.one_class_only"] });
  });

  it("is not lost where the form has no such field", () => {
    expect(fieldProblems([{ field: "fraud.rate_per_min", code: "x", detail: "Too many." }], [])).toEqual({ of: {}, others: ["Too many."] });
  });
});

describe("the next song", () => {
  const entry = (entry_id: string, started_at?: string): SetlistEntry => ({
    entry_id, title: entry_id, section: "set1", position: entry_id, segue: false, ...(started_at ? { started_at } : {}),
  });
  const playing = (entry_id: string): RoomState => room({ now_playing: { entry_id, title: "", at: after(0) } });

  it("follows the one that plays, and is none at the end", () => {
    expect(nextOf([entry("a"), entry("b")], playing("a"))?.entry_id).toBe("b");
    expect(nextOf([entry("a"), entry("b")], playing("b"))).toBeNull();
  });

  it("is the first that was not played where nothing plays", () => {
    expect(nextOf([entry("a", after(0)), entry("b")], room({ now_playing: null }))?.entry_id).toBe("b");
  });
});

describe("the catalogues", () => {
  it("say the same things, with the same names filled in", () => {
    const names = (text: string): string => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();
    expect(Object.keys(spanish).sort()).toEqual(Object.keys(english).sort());
    const differing = Object.entries(english).filter(([key, text]) => names(text) !== names(spanish[key as keyof typeof english]));
    expect(differing.map(([key]) => key)).toEqual([]);
  });
});
