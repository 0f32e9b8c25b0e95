import { describe, expect, it } from "vitest";
import { crewAfter, type CrewState } from "../src/crew_state.ts";
import { FOREVER } from "../src/room_events.ts";
import type { EventData, EventMessage, EventName } from "../src/wire.ts";

const AT = "2027-05-08T20:00:00Z";
const ANA = { participant_id: "ana", display_name: "Ana" };
const NOTHING: CrewState = {
  moderation: { held: [], reports: [], word_filter: { mode: "hold", words: [] }, muted: [], removed: [] },
  acts: {},
};
const HELD = { chat_message_id: "c", participant_id: "p", display_name: "Robin", text: "rude", matched: ["rude"] };
const REPORTED = {
  chat_message_id: "c", participant_id: "p", reason: "spam", reports: 2, reasons: { spam: 2 },
  display_name: "Robin", text: "buy",
};

function event<Name extends EventName>(seq: number, name: Name, data: EventData[Name]): EventMessage {
  return { t: "event", seq, name, at: AT, data } as EventMessage;
}

function after(...events: EventMessage[]): CrewState {
  return events.reduce(crewAfter, NOTHING);
}

describe("crew sees", () => {
  it("a held line until it is posted, under the same id", () => {
    const held = event(1, "chat_held", HELD);
    expect(after(held).moderation.held).toEqual([{ ...HELD, role: "fan", at: AT }]);
    const posted = event(2, "chat_posted", { ...HELD, released_by: ANA });
    expect(after(held, posted).moderation.held).toEqual([]);
  });

  it("neither a held nor a reported line after it was removed", () => {
    const gone = event(3, "chat_removed", { chat_message_id: "c", removed_by: "ana", by: ANA });
    const now = after(event(1, "chat_held", HELD), event(2, "chat_reported", REPORTED), gone).moderation;
    expect([now.held, now.reports]).toEqual([[], []]);
  });

  it("the newest count of reports once, until somebody dismisses them", () => {
    const twice = [event(1, "chat_reported", { ...REPORTED, reports: 1 }), event(2, "chat_reported", REPORTED)];
    expect(after(...twice).moderation.reports.map(({ reports }) => reports)).toEqual([2]);
    const dismissed = event(3, "chat_reports_dismissed", { chat_message_id: "c", by: ANA });
    expect(after(...twice, dismissed).moderation.reports).toEqual([]);
  });

  it("who is muted by name, for how long and by whom, until it is lifted", () => {
    const muted = [
      event(1, "participant_muted", { participant_id: "p", until: AT, display_name: "Robin", by: ANA }),
      event(2, "participant_muted", { participant_id: "q", display_name: "Ash" }),
    ];
    expect(after(...muted).moderation.muted).toEqual([
      { participant_id: "q", display_name: "Ash", until: FOREVER },
      { participant_id: "p", display_name: "Robin", until: AT, by: ANA },
    ]);
    const lifted = event(3, "participant_muted", { participant_id: "p", lifted: true, by: ANA });
    expect(after(...muted, lifted).moderation.muted.map(({ participant_id }) => participant_id)).toEqual(["q"]);
  });

  it("who was removed, until somebody lets them in again", () => {
    const removed = event(1, "participant_removed", { participant_id: "p", display_name: "Robin", by: ANA });
    const back = event(2, "participant_readmitted", { participant_id: "p", display_name: "Robin", by: ANA });
    expect(after(removed).moderation.removed.map(({ display_name }) => display_name)).toEqual(["Robin"]);
    expect(after(removed, back).moderation.removed).toEqual([]);
  });

  it("the crew's own words as they were set last", () => {
    const set = event(1, "word_filter_set", { mode: "off", words: ["encore fraud"], by: ANA });
    expect(after(set).moderation.word_filter).toEqual({ mode: "off", words: ["encore fraud"] });
  });

  it("who did what last to each thing, and nobody where a timer did it", () => {
    const now = after(
      event(1, "setlist_locked", { participant_id: "ana", by: ANA }),
      event(2, "round_closed", { round_id: "r", closed_at: AT }),
    );
    expect(now.acts).toEqual({
      setlist_lock: { what: "setlist_locked", at: AT, seq: 1, by: ANA },
      r: { what: "round_closed", at: AT, seq: 2 },
    });
  });

  it("nothing change by what does not concern it", () => {
    expect(after(event(1, "chat_posted", { ...HELD, chat_message_id: "d" }))).toBe(NOTHING);
  });
});
