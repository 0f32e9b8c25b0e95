import { describe, expect, test } from "vitest";
import { OPERATIONS_PARTS, pathOf, routeOf, SHOW_PARTS, TRIAL_PARTS, type Route } from "../src/panel/lib/routes.ts";

const ROUTES: Exclude<Route, { name: "nowhere" }>[] = [
  { name: "shows" },
  { name: "new", copy_of: null },
  { name: "new", copy_of: "a b&c" },
  ...SHOW_PARTS.map((part) => ({ name: "show", show_id: "one/two", part }) as const),
  { name: "show", show_id: "one/two", part: "messages", page: "new" },
  { name: "show", show_id: "x", part: "messages", page: "0198-c0de" },
  ...OPERATIONS_PARTS.map((part) => ({ name: "operations", part }) as const),
  ...TRIAL_PARTS.map((part) => ({ name: "trial", part }) as const),
  { name: "cockpit", show_id: "x" },
  { name: "invitation", token: "t-_k" },
];

describe("addresses", () => {
  test.each(ROUTES)("lead to the route that they are made of: %o", (route) => {
    const url = new URL(pathOf(route), "http://setroom.test");
    expect(routeOf(url.pathname, url.search)).toEqual(route);
  });

  test.each([
    "/", "/panels", "/panel/other", "/panel/shows/x/other", "/panel/shows/x/crew/more", "/panel/shows/x/messages/a/b", "/panel/operations/other", "/panel/try/x/y", "/panel/new/x",
    "/invitations", "/invitations/a/b", "/panel/shows/%E0%A4%A",
  ])("that are none of ours lead nowhere: %s", (path) => {
    expect(routeOf(path)).toEqual({ name: "nowhere" });
  });

  test("a slash at the end changes nothing", () => {
    expect(routeOf("/panel/")).toEqual({ name: "shows" });
    expect(routeOf("/panel/shows")).toEqual({ name: "shows" });
  });
});
