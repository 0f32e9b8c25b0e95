/**
 * Pages: from the network, as they are. Without one, and where a room that this device knows
 * does not come in time, the app's own shell, which shows what it knows and says so.
 */
import { ROOMS_CACHE_PREFIX } from "@setroom/shared/saved_rooms";
import { shell } from "./files.ts";

/** A page that is known here may take so long, in milliseconds. */
const PATIENCE_MS = 4_000;

/** Pages of the fan's app; panel, displays and everything else are none of ours. */
const OURS = /^\/($|(shows|artists|venues|tours|songs)\/|(search|account)(\/|$))/;

export function isOurPage(url: URL): boolean {
  return url.origin === location.origin && OURS.test(url.pathname);
}

export async function page(request: Request, preloaded: Promise<Response | undefined>): Promise<Response> {
  const network = preloaded.then((response) => response ?? fetch(request));
  const late = (await isKnown(request)) ? pause(PATIENCE_MS) : new Promise<never>(() => undefined);
  try {
    const response = await Promise.race([network, late]);
    // A proxy's own error tells nobody anything.
    if (response !== undefined && response.status < 502) return response;
  } catch {
    // No network: the shell.
  }
  network.catch(() => undefined);
  return (await shell()) ?? network;
}

/** Whether somebody was in this room on this device. Whose it is, the page finds out. */
async function isKnown(request: Request): Promise<boolean> {
  const { pathname } = new URL(request.url);
  for (const name of await caches.keys()) {
    if (!name.startsWith(ROOMS_CACHE_PREFIX)) continue;
    if ((await (await caches.open(name)).match(pathname)) !== undefined) return true;
  }
  return false;
}

function pause(duration_ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, duration_ms));
}
