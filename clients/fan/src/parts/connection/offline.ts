/** A page without a network: the room that this device knows, or a list of those it knows. */
import { browserStorage, SessionKeeper } from "@setroom/shared";
import { SavedRooms } from "@setroom/shared/saved_rooms";
import type { Bootstrap } from "@setroom/shared/ui/bootstrap.ts";
import { mount } from "svelte";
import Offline from "./Offline.svelte";
import { useWords } from "./words.ts";

/** What the app starts with; `null`: there is nothing to start, and the page says so. */
export async function offlineBootstrap(target: HTMLElement): Promise<Bootstrap | null> {
  useWords();
  const account_id = new SessionKeeper(location.origin, browserStorage()).current?.account_id;
  const rooms = account_id === undefined ? null : new SavedRooms(account_id);
  const slug = /^\/shows\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  const saved = slug === undefined ? null : await rooms?.read(decodeURIComponent(slug));
  if (saved) {
    document.title = `${saved.state.show.title} · Setroom`;
    return { show: saved.state.show, room: null, saved };
  }
  const known = (await rooms?.list()) ?? [];
  target.replaceChildren();
  mount(Offline, { target, props: { rooms: known, home: slug === undefined } });
  // The network is back: whatever was asked for is there.
  addEventListener("online", () => location.reload());
  return null;
}
