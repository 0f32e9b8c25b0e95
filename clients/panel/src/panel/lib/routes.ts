/** The panel's addresses: each route has one path, and each path at most one route. */

/** What there is to do about one show, besides driving it. */
export const SHOW_PARTS = [
  "overview", "details", "line-up", "crew", "share", "displays", "messages", "report", "after",
] as const;
export type ShowPart = (typeof SHOW_PARTS)[number];

/** What looks after the server itself. */
export const OPERATIONS_PARTS = ["queues", "nodes", "dead-letters"] as const;
export type OperationsPart = (typeof OPERATIONS_PARTS)[number];

/** What is tried without a carrier: phones that text, and mail that never leaves. */
export const TRIAL_PARTS = ["phones", "mail"] as const;
export type TrialPart = (typeof TRIAL_PARTS)[number];

export type Route =
  | { name: "shows" }
  | { name: "new"; copy_of: string | null }
  /** `page`: within the messages: `new`, `log`, or one that was sent. */
  | { name: "show"; show_id: string; part: ShowPart; page?: string }
  | { name: "cockpit"; show_id: string }
  | { name: "operations"; part: OperationsPart }
  | { name: "trial"; part: TrialPart }
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
  if (area === "operations" || area === "try") return part === undefined ? placeOf(area, show_id) : { name: "nowhere" };
  if (area !== "shows" || !show_id) return { name: "nowhere" };
  if (part === "messages" && more.length === 1 && more[0]) return { name: "show", show_id, part, page: more[0] };
  if (more.length > 0) return { name: "nowhere" };
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
      if (route.page !== undefined) return `${show}/${route.part}/${encodeURIComponent(route.page)}`;
      return route.part === "overview" ? show : `${show}/${route.part}`;
    }
    case "cockpit":
      return `/panel/shows/${encodeURIComponent(route.show_id)}/live`;
    case "operations":
      return route.part === "queues" ? "/panel/operations" : `/panel/operations/${route.part}`;
    case "trial":
      return `/panel/try/${route.part}`;
    case "invitation":
      return `/invitations/${encodeURIComponent(route.token)}`;
  }
}

function placeOf(area: "operations" | "try", name: string | undefined): Route {
  if (area === "try") {
    const part = TRIAL_PARTS.find((one) => one === (name ?? "phones"));
    return part ? { name: "trial", part } : { name: "nowhere" };
  }
  const part = OPERATIONS_PARTS.find((one) => one === (name ?? "queues"));
  return part ? { name: "operations", part } : { name: "nowhere" };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
