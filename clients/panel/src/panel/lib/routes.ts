/** The panel's addresses: each route has one path, and each path at most one route. */

/** What there is to do about one show, besides driving it. */
export const SHOW_PARTS = ["overview", "details", "line-up", "crew", "share", "displays", "after"] as const;
export type ShowPart = (typeof SHOW_PARTS)[number];

export type Route =
  | { name: "shows" }
  | { name: "new"; copy_of: string | null }
  | { name: "show"; show_id: string; part: ShowPart }
  | { name: "cockpit"; show_id: string }
  | { name: "invitation"; token: string }
  | { name: "nowhere" };

/** The route of an address of ours. */
export function routeOf(path: string, search = ""): Route {
  const [first, ...rest] = path.split("/").filter(Boolean).map(decoded);
  if (first === "invitations") {
    return rest.length === 1 && rest[0] ? { name: "invitation", token: rest[0] } : { name: "nowhere" };
  }
  if (first !== "panel") return { name: "nowhere" };
  const [area, show_id, part, ...more] = rest;
  if (area === undefined || (area === "shows" && show_id === undefined)) return { name: "shows" };
  if (area === "new" && show_id === undefined) {
    return { name: "new", copy_of: new URLSearchParams(search).get("copy") };
  }
  if (area !== "shows" || !show_id || more.length > 0) return { name: "nowhere" };
  if (part === "live") return { name: "cockpit", show_id };
  const named = SHOW_PARTS.find((one) => one === (part ?? "overview"));
  return named ? { name: "show", show_id, part: named } : { name: "nowhere" };
}

/** The address of a route. */
export function pathOf(route: Exclude<Route, { name: "nowhere" }>): string {
  switch (route.name) {
    case "shows":
      return "/panel";
    case "new":
      return route.copy_of ? `/panel/new?copy=${encodeURIComponent(route.copy_of)}` : "/panel/new";
    case "show": {
      const show = `/panel/shows/${encodeURIComponent(route.show_id)}`;
      return route.part === "overview" ? show : `${show}/${route.part}`;
    }
    case "cockpit":
      return `/panel/shows/${encodeURIComponent(route.show_id)}/live`;
    case "invitation":
      return `/invitations/${encodeURIComponent(route.token)}`;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
