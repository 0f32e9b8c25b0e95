import { beforeEach, describe, expect, it } from "vitest";
import { Api, ApiProblem } from "../src/api.ts";
import { SessionKeeper, SessionLost } from "../src/session.ts";
import { memoryStorage, type KeyValueStorage } from "../src/storage.ts";
import { TicketRefused } from "../src/ticket.ts";

interface Call {
  path: string;
  body: Record<string, unknown>;
  bearer: string | null;
}

let calls: Call[];
let storage: KeyValueStorage;
let now_ms: number;
let answers: Record<string, (call: Call) => Response>;

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

const opened = (id: string, number: number): Response =>
  json(201, {
    user: { id, display_name: "Robin" },
    access_token: `access-${String(number)}`,
    refresh_token: `refresh-${String(number)}`,
    expires_in: 900,
    device_token: "device",
  });

const fetcher = ((url: URL, options: RequestInit): Promise<Response> => {
  const call: Call = {
    path: url.pathname,
    body: JSON.parse((options.body as string | undefined) ?? "{}") as Record<string, unknown>,
    bearer: new Headers(options.headers).get("authorization"),
  };
  calls.push(call);
  const answer = answers[url.pathname];
  return answer ? Promise.resolve(answer(call)) : Promise.reject(new TypeError("no network"));
}) as typeof fetch;

const keeper = (): SessionKeeper =>
  new SessionKeeper("http://setroom.test", storage, fetcher, () => now_ms);

beforeEach(() => {
  calls = [];
  storage = memoryStorage();
  now_ms = 1_000_000;
  answers = { "/api/auth/guest": () => opened("g", 1) };
});

describe("a session", () => {
  it("begins with one tap and outlives a reload", async () => {
    await keeper().enterAsGuest();
    expect(keeper().current).toMatchObject({ account_id: "g", guest: true, display_name: "Robin" });
    expect(await keeper().session()).toMatchObject({ access_token: "access-1" });
    expect(calls).toHaveLength(1);
  });

  it("is renewed once for everybody who asks, shortly before it ends", async () => {
    const kept = keeper();
    await kept.enterAsGuest();
    now_ms += 880_000;
    answers["/api/auth/refresh"] = () =>
      json(200, { access_token: "access-2", refresh_token: "refresh-2", expires_in: 900 });
    const sessions = await Promise.all([kept.session(), kept.session(), kept.session()]);
    expect(sessions.map((session) => session.access_token)).toEqual(Array(3).fill("access-2"));
    expect(calls.filter((call) => call.path === "/api/auth/refresh")).toHaveLength(1);
    expect(kept.current).toMatchObject({ account_id: "g", refresh_token: "refresh-2" });
  });

  it("takes over what another tab renewed", async () => {
    const one = keeper();
    const stale = await one.enterAsGuest();
    answers["/api/auth/refresh"] = () =>
      json(200, { access_token: "access-2", refresh_token: "refresh-2", expires_in: 900 });
    await keeper().renew(stale);
    expect(await one.renew(stale)).toMatchObject({ access_token: "access-2" });
    expect(calls.filter((call) => call.path === "/api/auth/refresh")).toHaveLength(1);
  });

  it("of a guest comes back as the same guest when its refresh token was used up", async () => {
    const kept = keeper();
    const stale = await kept.enterAsGuest();
    answers["/api/auth/refresh"] = () => json(401, { code: "session_revoked", detail: "" });
    answers["/api/auth/guest"] = () => opened("g", 3);
    expect(await kept.renew(stale)).toMatchObject({ account_id: "g", access_token: "access-3" });
    expect(calls.at(-1)?.body).toMatchObject({ device_token: "device" });
  });

  it("of an account is lost then", async () => {
    answers["/api/auth/login"] = () => opened("a", 1);
    answers["/api/auth/refresh"] = () => json(401, { code: "session_revoked", detail: "" });
    const kept = keeper();
    const stale = await kept.logIn("a@example.com", "password");
    await expect(kept.renew(stale)).rejects.toThrow(SessionLost);
    expect(kept.current).toBeNull();
  });

  it("is not lost because the network is", async () => {
    const kept = keeper();
    const stale = await kept.enterAsGuest();
    await expect(kept.renew(stale)).rejects.toThrow(TypeError);
    expect(kept.current).not.toBeNull();
  });

  it("of a guest becomes an account by its own token", async () => {
    answers["/api/auth/signup"] = () => opened("g", 2);
    const kept = keeper();
    await kept.enterAsGuest();
    await kept.signUp("g@example.com", "a long passphrase", "Casey");
    const [signup, logout] = calls.slice(-2);
    expect(signup).toMatchObject({ path: "/api/auth/signup", bearer: "Bearer access-1" });
    expect(kept.current).toMatchObject({ guest: false, refresh_token: "refresh-2" });
    // Its session is over, and no device of the account's any more.
    expect(logout).toMatchObject({ path: "/api/auth/logout", body: { refresh_token: "refresh-1" } });
  });

  it("of a guest goes on where the answer to becoming an account was lost", async () => {
    const kept = keeper();
    await kept.enterAsGuest();
    await expect(kept.signUp("g@example.com", "a long passphrase", "Casey")).rejects.toThrow(TypeError);
    expect(kept.current).toMatchObject({ guest: true });
    expect(calls.map(({ path }) => path)).not.toContain("/api/auth/logout");
  });
});

describe("calls", () => {
  const api = (): Api => new Api("http://setroom.test", keeper(), fetcher);

  it("are made again once with a new token", async () => {
    await keeper().enterAsGuest();
    answers["/api/auth/refresh"] = () =>
      json(200, { access_token: "access-2", refresh_token: "refresh-2", expires_in: 900 });
    answers["/api/x"] = ({ bearer }) =>
      bearer === "Bearer access-2" ? json(200, { ok: true }) : json(401, { code: "token_expired" });
    expect(await api().get("/api/x")).toEqual({ ok: true });
  });

  it("fail with the problem's code", async () => {
    await keeper().enterAsGuest();
    answers["/api/x"] = () => json(409, { code: "round_closed", detail: "too late" });
    await expect(api().post("/api/x", {})).rejects.toMatchObject({
      status: 409, code: "round_closed", detail: "too late",
    });
    answers["/api/x"] = () => new Response("<h1>bad gateway</h1>", { status: 502 });
    await expect(api().get("/api/x")).rejects.toMatchObject({ code: "http_502" });
  });

  it("give a socket's address with its ticket", async () => {
    await keeper().enterAsGuest();
    answers["/api/shows/s/ticket"] = ({ body }) =>
      json(201, { ticket: "t", url: `http://setroom.test/rooms/s?code=${String(body.join_code)}` });
    const url = await api().ticketUrl("s", "ABC", new AbortController().signal);
    expect(url).toBe("ws://setroom.test/rooms/s?code=ABC&ticket=t");
  });

  it("tell whether it is any use to ask for a ticket again", async () => {
    await keeper().enterAsGuest();
    const ask = (): Promise<string> => api().ticketUrl("s", null, new AbortController().signal);
    answers["/api/shows/s/ticket"] = () => json(403, { code: "join_code_required", detail: "" });
    await expect(ask()).rejects.toThrow(TicketRefused);
    answers["/api/shows/s/ticket"] = () => json(503, { code: "unavailable", detail: "" });
    await expect(ask()).rejects.toThrow(ApiProblem);
    answers["/api/shows/s/ticket"] = () => json(429, { code: "rate_limited", detail: "" });
    await expect(ask()).rejects.toThrow(ApiProblem);
  });
});
