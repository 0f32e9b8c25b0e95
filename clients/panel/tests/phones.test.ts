import { describe, expect, it } from "vitest";
import type { PhoneMessageView, RoundView, ShowView } from "@setroom/shared";
import { arrived, merged, tickOf } from "../src/panel/trial/phones/conversation.ts";
import { quickReplies, roundOf, standingOf } from "../src/panel/trial/phones/quick_replies.ts";

const show = { id: "s", join_code: "ABC234" } as ShowView;

function round(id: string, changes: object = {}, who = ["web", "sms"]): RoundView {
  const options = [{ id: "o1", label: "Ripple" }, { id: "o2", label: "Deal", code: "7" }];
  return { round_id: id, status: "open", config: { options, who: { channels: who } }, ...changes } as unknown as RoundView;
}

function text(id: string, changes: Partial<PhoneMessageView> = {}): PhoneMessageView {
  return {
    id, phone_id: "p", direction: "outbound-api", body: id, segments: 1, status: "queued", error_code: null,
    answers: null, created_at: `2026-11-22T21:00:0${id}Z`, ...changes,
  };
}

describe("ready-made texts", () => {
  const texts = (said: readonly string[], about: RoundView | null = round("r")): readonly string[] =>
    quickReplies(show, about, said).map((reply) => reply.text);

  it("begin with joining, and then are what can be voted for", () => {
    expect(texts([])).toEqual(["JOIN ABC234", "HELP", "STOP"]);
    expect(texts(["join abc234"])).toEqual(["1", "7", "YES", "SCORE", "HELP", "STOP"]);
    expect(texts(["JOIN ABC234"], null)).toEqual(["YES", "SCORE", "HELP", "STOP"]);
  });

  it("do not ask twice for a yes, which would be taken for a vote", () => {
    expect(texts(["JOIN ABC234", "yes"])).toEqual(["1", "7", "SCORE", "HELP", "STOP"]);
    expect(texts(["JOIN ABC234", "CONFIRM", "JOIN ABC234"])).not.toContain("YES");
    expect(texts(["JOIN XYZ999", "YES", "JOIN ABC234"])).toContain("YES");
    expect(texts(["JOIN ABC234", "YES", "STOP", "START", "JOIN ABC234"])).toContain("YES");
  });

  it("do not send somebody back to joining of whom only the newest texts are at hand", () => {
    const replies = quickReplies(show, round("r"), ["2"], true).map((reply) => reply.text);
    expect(replies).toEqual(["1", "7", "SCORE", "HELP", "STOP"]);
    expect(quickReplies(show, null, ["STOP"], true)[0]?.text).toBe("START");
  });

  it("offer another show's code to whoever is in one already", () => {
    expect(texts(["JOIN XYZ999"])[0]).toBe("JOIN ABC234");
  });

  it("lead back from STOP and nowhere else", () => {
    expect(texts(["JOIN ABC234", "stop please"])).toEqual(["START", "HELP"]);
    expect(texts(["JOIN ABC234", "STOP", "START"])[0]).toBe("JOIN ABC234");
    expect(standingOf(["JOIN ABC234", "stopping by woods"]).stopped).toBe(false);
  });

  it("are about the round that was opened last, of those that take texts", () => {
    const rounds = [
      round("old", { opened_at: "2026-11-22T20:00:00Z" }),
      round("new", { opened_at: "2026-11-22T21:00:00Z" }),
      round("web", { opened_at: "2026-11-22T22:00:00Z" }, ["web"]),
      round("over", { opened_at: "2026-11-22T23:00:00Z", status: "closed" }),
    ];
    expect(roundOf(rounds)?.round_id).toBe("new");
    expect(roundOf([])).toBeNull();
  });
});

describe("a conversation", () => {
  it("holds each text once, in order, and never takes a status back", () => {
    const first = merged([], [text("2", { status: "delivered" }), text("1")]);
    expect(first.map(({ id }) => id)).toEqual(["1", "2"]);
    const late = merged(first, [text("2", { status: "sent" }), text("1", { status: "sent" })]);
    expect(late.map(({ status }) => status)).toEqual(["sent", "delivered"]);
  });

  it("counts as new what came to the phone", () => {
    const own = text("3", { direction: "inbound", status: "received" });
    const before = merged([], [text("1")]);
    expect(arrived(before, merged(before, [text("1", { status: "sent" }), own, text("2")])).map(({ id }) => id)).toEqual(["2"]);
  });

  it("says why a text did not get through", () => {
    expect(tickOf(text("1", { status: "undelivered", error_code: 30003 }))).toBe("unreachable");
    expect(tickOf(text("1", { direction: "inbound", status: "received", error_code: 11200 }))).toBe("no_answer");
    expect(tickOf(text("1", { status: "undelivered", error_code: 99999 }))).toBe("undelivered");
  });
});
