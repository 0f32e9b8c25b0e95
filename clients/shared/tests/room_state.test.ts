import { describe, expect, it } from "vitest";
import { withOwnBallot, withOwnHeld, withOwnRating, withOwnUpvote } from "../src/own_state.ts";
import { applyMessage, LogGap } from "../src/room_messages.ts";
import type { RoomState } from "../src/room_state.ts";
import { FOREVER } from "../src/room_events.ts";
import type { EventData, EventName, RoomSnapshot, ServerMessage, VoteConfig } from "../src/wire.ts";
import { snapshot, YOU } from "./fake_room.ts";

const AT = "2027-05-08T20:00:00Z";

function welcome(state: RoomSnapshot, seq = 0): ServerMessage {
  return { t: "welcome", protocol: 1, show_id: "show", epoch: "e", seq, recovered: false, you: YOU, state };
}

function event<Name extends EventName>(seq: number, name: Name, data: EventData[Name]): ServerMessage {
  return { t: "event", seq, name, at: AT, data } as ServerMessage;
}

function after(...messages: ServerMessage[]): RoomState {
  let state = applyMessage(null, welcome(snapshot()));
  for (const message of messages) state = applyMessage(state, message);
  return state;
}

const CONFIG: VoteConfig = {
  v: 1, title: "Encore?", type: "single",
  options: [{ id: "o1", label: "Ripple" }, { id: "o2", label: "U.S. Blues" }],
  pick: { min: 1, max: 1, budget: null },
  tally: { method: "plurality", weights: { audience: 1, artist: 0, jury: 0 } },
  window: { duration_s: 90, sms_grace_s: 15, extend_max_s: 60 },
  change: "until_close", visibility: "after_vote", tie: [], quorum: 0,
  who: { channels: ["web"], identity: "attendee", attendance: "any" },
  fraud: { rate_per_min: 60 },
};
const OPENED = { round_id: "r", config: CONFIG, config_hash: "h", opened_at: AT, closes_at: AT };
const RESULT = { options: { o1: 2, o2: 0 }, votes: 2, voters: 2, winners: ["o1"], config_hash: "h" };
const LINE = { chat_message_id: "m", participant_id: "p2", display_name: "Ada", text: "hi" };
const ENTRY = { title: "Loser", section: "set1", position: "V", segue: false };
const REQUEST = { song_request_id: "q", participant_id: "p2", display_name: "Ada", title: "Ripple" };
const REQUESTED = { ...REQUEST, status: "waiting", upvotes: 1, requested_at: AT };
const MARKED = { song_request_id: "q", title: "Ripple", requested_by: "p2", marked_by: "crew" };
const TALLY = { round_id: "r", options: { o1: 1, o2: 0 }, votes: 1, voters: 1 };

/** Each case: events on an old state, and what a snapshot taken afterwards holds. */
const CASES: [string, ServerMessage[], Partial<RoomSnapshot>][] = [
  ["a chat line", [event(1, "chat_posted", LINE)], { chat: [{ ...LINE, role: "fan", at: AT }] }],
  [
    "a chat line that was removed",
    [event(1, "chat_posted", LINE), event(2, "chat_removed", { chat_message_id: "m", removed_by: "p2" })],
    {},
  ],
  [
    "an open round",
    [event(1, "round_opened", OPENED)],
    { rounds: [{ ...OPENED, status: "open" }] },
  ],
  [
    "a round that was extended and closed",
    [
      event(1, "round_opened", OPENED),
      event(2, "round_extended", { round_id: "r", closes_at: "2027-05-08T20:09:00Z" }),
      event(3, "round_closed", { round_id: "r", closed_at: AT, result: RESULT }),
    ],
    {
      rounds: [
        { ...OPENED, closes_at: "2027-05-08T20:09:00Z", status: "closed", closed_at: AT, result: RESULT },
      ],
    },
  ],
  [
    "a hidden round that was revealed",
    [
      event(1, "round_opened", OPENED),
      event(2, "round_closed", { round_id: "r", closed_at: AT }),
      event(3, "round_revealed", { round_id: "r", result: RESULT }),
    ],
    { rounds: [{ ...OPENED, status: "revealed", closed_at: AT, result: RESULT }] },
  ],
  [
    "songs that were added, changed, moved and removed",
    [
      event(1, "setlist_changed", {
        participant_id: "p2", display_name: "Ada",
        entries: [
          { entry_id: "a", kind: "added", after: ENTRY },
          { entry_id: "b", kind: "added", after: { ...ENTRY, title: "Deal", position: "W" } },
          { entry_id: "c", kind: "added", after: { ...ENTRY, title: "gone", position: "X" } },
        ],
      }),
      event(2, "setlist_changed", {
        participant_id: "p2", display_name: "Ada",
        entries: [
          { entry_id: "a", kind: "moved", before: { position: "V" }, after: { position: "Y" } },
          { entry_id: "b", kind: "changed", before: { note: null }, after: { note: "twelve minutes" } },
          { entry_id: "c", kind: "removed", before: ENTRY },
        ],
      }),
    ],
    {
      setlist: {
        locked: false,
        entries: [
          { ...ENTRY, id: "b", title: "Deal", position: "W", note: "twelve minutes", artist: null },
          { ...ENTRY, id: "a", position: "Y", note: null, artist: null },
        ],
      },
    },
  ],
  ["a lock", [event(1, "setlist_locked", { participant_id: "p2" })], { setlist: { locked: true, entries: [] } }],
  [
    "a lock that was lifted",
    [event(1, "setlist_locked", { participant_id: "p" }), event(2, "setlist_unlocked", { participant_id: "p" })],
    {},
  ],
  [
    "what is playing",
    [event(1, "now_playing_changed", { participant_id: "p2", entry_id: "a", title: "Loser" })],
    { now_playing: { entry_id: "a", title: "Loser", at: AT } },
  ],
  [
    "silence after a song",
    [
      event(1, "now_playing_changed", { participant_id: "p2", entry_id: "a", title: "Loser" }),
      event(2, "now_playing_changed", { participant_id: "p2" }),
    ],
    {},
  ],
  [
    "an announcement",
    [event(1, "announcement_posted", { participant_id: "p2", display_name: "Crew", text: "Doors!" })],
    { announcement: { text: "Doors!", display_name: "Crew", at: AT, announcement_id: "" } },
  ],
  [
    "no announcement after it was withdrawn",
    [
      event(1, "announcement_posted", { participant_id: "p2", display_name: "Crew", text: "Doors!", announcement_id: "a" }),
      event(2, "announcement_withdrawn", { announcement_id: "a" }),
    ],
    { announcement: null },
  ],
  ["slow mode", [event(1, "slow_mode_set", { interval_s: 5 })], { slow_mode_interval_s: 5 }],
  [
    "a round whose tie the artist decided",
    [
      event(1, "round_opened", OPENED),
      event(2, "round_closed", { round_id: "r", closed_at: AT, result: { ...RESULT, winners: ["o1", "o2"] } }),
      event(3, "round_tie_decided", { round_id: "r", option_id: "o1", result: RESULT }),
    ],
    { rounds: [{ ...OPENED, status: "closed", closed_at: AT, result: RESULT }] },
  ],
  [
    "a round that was corrected, and one that was taken away",
    [
      event(1, "round_opened", OPENED),
      event(2, "round_superseded", { round_id: "r", by_round_id: "s" }),
      event(3, "round_opened", { ...OPENED, round_id: "s", supersedes: "r" }),
      event(4, "round_cancelled", { round_id: "s" }),
    ],
    {
      rounds: [
        { ...OPENED, status: "superseded", superseded_by: "s" },
        { ...OPENED, round_id: "s", supersedes: "r", status: "cancelled" },
      ],
    },
  ],
  [
    "a song request that was declined",
    [
      event(1, "song_requested", REQUEST),
      event(2, "song_request_marked", { ...MARKED, status: "declined", reason: "not tonight" }),
    ],
    {
      song_requests: [
        { round_id: "", requests: [{ ...REQUESTED, status: "declined", reason: "not tonight" }], waiting: 0 },
      ],
    },
  ],
  ["the artist's seal", [event(1, "setlist_sealed", { participant_id: "a", entry_ids: ["x"] })], { sealed: true }],
  [
    "the end of the show",
    [event(1, "show_status_changed", { status: "closed", previous: "live" })],
    { show: { ...snapshot().show, status: "closed" } },
  ],
];

describe("old state + events = fresh state", () => {
  it.each(CASES)("for %s", (_what, events, fresh) => {
    const expected = applyMessage(null, welcome(snapshot(fresh), events.length));
    expect(after(...events)).toEqual(expected);
  });
});

describe("the log", () => {
  it("is not applied twice", () => {
    const line = event(1, "chat_posted", LINE);
    expect(after(line, line).chat).toHaveLength(1);
  });

  it("has no gaps", () => {
    expect(() => after(event(2, "slow_mode_set", { interval_s: 5 }))).toThrow(LogGap);
    expect(() => applyMessage(null, event(1, "slow_mode_set", { interval_s: 5 }))).toThrow(LogGap);
  });

  it("goes on after a resume with what was known", () => {
    const resumed: ServerMessage = {
      t: "welcome", protocol: 1, show_id: "show", epoch: "e", seq: 2, recovered: true, you: YOU, state: {},
    };
    const state = after(event(1, "slow_mode_set", { interval_s: 5 }), resumed, event(2, "chat_posted", LINE));
    expect(state).toMatchObject({ seq: 2, slow_mode_interval_s: 5 });
  });

  it("may hold events that this page does not know", () => {
    const unknown = { t: "event", seq: 1, name: "confetti_thrown", at: AT, data: {} };
    expect(after(unknown as unknown as ServerMessage).seq).toBe(1);
  });
});

describe("states", () => {
  const tally = (version: number, votes: number): ServerMessage => ({
    t: "state", name: "tally", version, data: { ...TALLY, votes },
  });

  it("only grow within a welcome", () => {
    const state = after(event(1, "round_opened", OPENED), tally(5, 3), tally(4, 1));
    expect(state.rounds[0]?.tally?.votes).toBe(3);
  });

  it("of different rounds do not hold each other back", () => {
    const other: ServerMessage = {
      t: "state", name: "tally", version: 2, data: { ...TALLY, round_id: "s", votes: 7 },
    };
    const state = after(
      event(1, "round_opened", OPENED), event(2, "round_opened", { ...OPENED, round_id: "s" }), tally(5, 3), other,
    );
    expect(state.rounds.map((round) => round.tally?.votes)).toEqual([3, 7]);
  });

  it("that come late do not reopen a closed round", () => {
    const state = after(
      event(1, "round_opened", OPENED), event(2, "round_closed", { round_id: "r", closed_at: AT }), tally(9, 3),
    );
    expect(state.rounds[0]?.tally).toBeUndefined();
  });

  it("tell the head count and the reactions", () => {
    const state = after(
      { t: "state", name: "head_count", version: 1, data: { participants: 40 } },
      { t: "state", name: "reactions", version: 1, data: { counts: { fire: 3 } } },
    );
    expect(state).toMatchObject({ participants: 40, reactions: { fire: 3 } });
  });
});

describe("states of many things at once", () => {
  const confidence = (version: number, entry_id: string, up: number): ServerMessage => ({
    t: "state", name: "confidence", version,
    data: { entry_id, confidence: 0.8, state: "confirmed", up, down: 0, weight: up },
  });

  it("are kept by what they are about", () => {
    const state = after(confidence(5, "a", 4), confidence(2, "b", 7), confidence(4, "a", 1));
    expect(Object.values(state.confidence).map(({ up }) => up)).toEqual([4, 7]);
  });

  it("have their marks changed by events, and their numbers by the next state", () => {
    const state = after(
      confidence(1, "a", 4),
      event(1, "entry_confirmed", { entry_id: "a", participant_id: "c" }),
      event(2, "setlist_sealed", { participant_id: "c", entry_ids: ["a"] }),
    );
    expect(state.confidence.a).toMatchObject({ up: 4, confirmed_by_crew: true, sealed: true });
    const open = applyMessage(state, event(3, "setlist_unsealed", { participant_id: "c" }));
    expect(open).toMatchObject({ sealed: false, confidence: { a: { sealed: false } } });
  });

  it("rank a queue that was only told by events", () => {
    const ranked = { round_id: "", requests: [{ ...REQUESTED, upvotes: 3, rank: 1 }], waiting: 1 };
    const state = after(
      event(1, "song_requested", REQUEST),
      { t: "state", name: "song_requests", version: 1, data: ranked },
    );
    expect(state.song_requests[""]).toEqual(ranked);
  });
});

describe("you", () => {
  it("are muted, and not any more", () => {
    const mute = event(1, "participant_muted", { participant_id: "p1" });
    const lift = event(2, "participant_muted", { participant_id: "p1", lifted: true });
    expect(after(mute).you.muted_until).toBe(FOREVER);
    expect(after(mute, lift).you.muted_until).toBeNull();
    expect(after(event(1, "participant_muted", { participant_id: "other" })).you.muted_until).toBeNull();
  });

  it("have one ballot in each round, the last one", () => {
    const once = withOwnBallot(after(), "r", [{ option_id: "o1" }]);
    const twice = withOwnBallot(once, "r", [{ option_id: "o2" }]);
    expect(twice.you.ballots).toEqual([{ round_id: "r", picks: [{ option_id: "o2" }] }]);
    expect(withOwnBallot(twice, "r", []).you.ballots).toEqual([]);
  });

  it("support a song request once, and rate an entry once", () => {
    const state = withOwnUpvote(withOwnUpvote(after(), "q", true), "q", true);
    expect(state.you.upvotes).toEqual(["q"]);
    expect(withOwnUpvote(state, "q", false).you.upvotes).toEqual([]);
    const rated = withOwnRating(withOwnRating(after(), "e", 1), "e", -1);
    expect(rated.you.ratings).toEqual({ e: -1 });
    expect(withOwnRating(rated, "e", 0).you.ratings).toEqual({});
  });
});

describe("an own line that waits for crew", () => {
  const held = (): RoomState => withOwnHeld(after(), { chat_message_id: "m", text: "hi", at: AT });

  it("is known to its author", () => {
    expect(held().you.held.map(({ text }) => text)).toEqual(["hi"]);
    expect(withOwnHeld(held(), { chat_message_id: "m", text: "hi", at: AT }).you.held).toHaveLength(1);
  });

  it("waits no more once it is posted or discarded", () => {
    expect(applyMessage(held(), event(1, "chat_posted", LINE)).you.held).toEqual([]);
    const discarded = event(1, "chat_removed", { chat_message_id: "m", removed_by: "p2" });
    expect(applyMessage(held(), discarded).you.held).toEqual([]);
  });
});
