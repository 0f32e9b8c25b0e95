/** Where in the panel one is, by the History API: every place has an address of its own. */
import { pathOf, routeOf, type Route } from "./routes.ts";

type Somewhere = Exclude<Route, { name: "nowhere" }>;

class Router {
  route = $state.raw<Route>(routeOf(location.pathname, location.search));
  /** Counts changes of place, for what has to happen once at each. */
  moves = $state(0);
  /** Asked before the place is left; what it says no to stays. */
  #guard: ((go: () => void) => boolean) | null = null;
  #here = location.href;

  /** Takes the browser's buttons and the page's own links over. Returns what undoes that. */
  start(): () => void {
    const moved = (): void => this.#moved();
    const clicked = (event: MouseEvent): void => this.#clicked(event);
    const closing = (event: BeforeUnloadEvent): void => {
      if (this.#guard !== null) event.preventDefault();
    };
    window.addEventListener("popstate", moved);
    window.addEventListener("beforeunload", closing);
    document.addEventListener("click", clicked);
    return () => {
      window.removeEventListener("popstate", moved);
      window.removeEventListener("beforeunload", closing);
      document.removeEventListener("click", clicked);
    };
  }

  /** Goes to a route; `replace`: the place that is left is not one to come back to. */
  go(to: Somewhere, { replace = false } = {}): void {
    this.#goTo(pathOf(to), replace);
  }

  /**
   * Has somebody ask before the place is left. The asked returns whether one may go at once, or
   * calls `go` later. Returns what ends it.
   */
  guard(ask: (go: () => void) => boolean): () => void {
    this.#guard = ask;
    return () => {
      if (this.#guard === ask) this.#guard = null;
    };
  }

  /** Nobody has to be asked any more: what was written is saved. */
  leave(): void {
    this.#guard = null;
  }

  #goTo(path: string, replace = false): void {
    const go = (): void => {
      this.#guard = null;
      if (replace) history.replaceState(null, "", path);
      else history.pushState(null, "", path);
      this.#arrive();
    };
    if (this.#guard === null || this.#guard(go)) go();
  }

  #moved(): void {
    const to = location.href;
    if (to === this.#here) return;
    const go = (): void => {
      this.#guard = null;
      if (location.href !== to) history.pushState(null, "", to);
      this.#arrive();
    };
    if (this.#guard === null || this.#guard(go)) return go();
    // The browser is there already: the address of what is still shown is put back.
    history.pushState(null, "", this.#here);
  }

  #arrive(): void {
    this.#here = location.href;
    this.route = routeOf(location.pathname, location.search);
    this.moves += 1;
  }

  #clicked(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.target !== "" || link.hasAttribute("download")) return;
    const to = new URL(link.href, location.href);
    if (to.origin !== location.origin || routeOf(to.pathname, to.search).name === "nowhere") return;
    // Within the page, such as to its content: the browser knows how.
    if (to.hash !== "" && to.pathname === location.pathname && to.search === location.search) return;
    event.preventDefault();
    if (to.href !== location.href) this.#goTo(to.pathname + to.search);
  }
}

export const router = new Router();
