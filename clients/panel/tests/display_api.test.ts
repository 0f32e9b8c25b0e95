import { TicketRefused } from "@setroom/shared";
import { afterEach, expect, it, vi } from "vitest";
import { DisplayApi } from "../src/displays/display_api.ts";

const ORIGIN = "https://setroom.example";
const never = new AbortController().signal;
const api = (): DisplayApi => new DisplayApi(ORIGIN, "d1", "display-secret");

function answering(status: number, body: unknown): ReturnType<typeof vi.fn> {
  const fetching = vi.fn(() => Promise.resolve(Response.json(body, { status, headers: { date: new Date().toUTCString() } })));
  vi.stubGlobal("fetch", fetching);
  return fetching;
}

afterEach(() => vi.unstubAllGlobals());

it("calls with its own token, and says it in no address", async () => {
  const fetching = answering(201, { url: "https://setroom.example/rooms/s1?ticket=t" });
  expect(await api().ticketUrl(never)).toBe("wss://setroom.example/rooms/s1?ticket=t");
  const [url, options] = fetching.mock.calls[0] as unknown as [URL, RequestInit];
  expect(url.href).toBe("https://setroom.example/api/displays/d1/ticket");
  expect(new Headers(options.headers).get("authorization")).toBe("Bearer display-secret");
});

it("gives up when it was ended, and goes on when the server is busy", async () => {
  answering(403, { code: "display_revoked", detail: "ended" });
  await expect(api().ticketUrl(never)).rejects.toBeInstanceOf(TicketRefused);
  answering(503, { code: "unavailable", detail: "busy" });
  await expect(api().ticketUrl(never)).rejects.not.toBeInstanceOf(TicketRefused);
});

it("asks for the room without a socket, and for no document", async () => {
  const fetching = answering(200, {});
  await api().request("GET", "/api/shows/s1/poll", undefined, never);
  expect(fetching).toHaveBeenCalledTimes(1);
  const document = await api().request("GET", "/api/shows/s1/setlist/document?state_vector=AA%3D%3D", undefined, never);
  expect(await document.json()).toEqual({ seq: 0, update: "AAA=", state_vector: "AA==" });
  expect(fetching).toHaveBeenCalledTimes(1);
});

it("knows how far its clock is off", async () => {
  const date = new Date(Date.now() + 60_000).toUTCString();
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({}, { headers: { date } })));
  const display = api();
  await display.facts(never);
  expect(display.offset_ms).toBeGreaterThan(58_000);
  expect(display.offset_ms).toBeLessThan(62_000);
});
