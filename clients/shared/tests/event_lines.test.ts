/** Server-sent events, however the bytes are cut. */
import { describe, expect, it } from "vitest";
import { EventLines, type StreamEvent } from "../src/over_http/event_lines.ts";

const SAID = [
  ":" + " ".repeat(40),
  "",
  "retry: 2000",
  "",
  "id: e:1",
  'data: {"title":"Ripple – ¡otra!"}',
  "",
  ":",
  "",
  "event: close",
  'data: {"code":1012}',
  "",
  "",
];
const HEARD: StreamEvent[] = [
  { type: "message", data: '{"title":"Ripple – ¡otra!"}' },
  { type: "close", data: '{"code":1012}' },
];

function hear(text: string, size: number): StreamEvent[] {
  const lines = new EventLines();
  const bytes = new TextEncoder().encode(text);
  const heard: StreamEvent[] = [];
  for (let at = 0; at < bytes.length; at += size) heard.push(...lines.take(bytes.slice(at, at + size)));
  return heard;
}

describe("a stream", () => {
  it.each(["\n", "\r\n"])("is read the same wherever it is cut (lines end in %j)", (end) => {
    const text = SAID.join(end);
    for (let size = 1; size <= 40; size += 1) expect(hear(text, size)).toEqual(HEARD);
  });

  it("joins the lines of one event, and says nothing of one without any", () => {
    expect(hear("data: a\ndata:b\ndata\n\nevent: x\n\n\n", 100)).toEqual([{ type: "message", data: "a\nb\n" }]);
  });

  it("holds what is not complete back", () => {
    expect(hear("data: half\n", 100)).toEqual([]);
  });

  it("may not grow without end", () => {
    const lines = new EventLines();
    const piece = new TextEncoder().encode("x".repeat(1024 * 1024));
    expect(() => {
      for (let times = 0; times < 6; times += 1) lines.take(piece);
    }).toThrow(RangeError);
  });
});
