/** The app's files, kept by build. They hold nothing of anybody: all accounts share them. */

/** What the build wrote into this worker. */
interface Files {
  version: string;
  /** Paths of what a room needs without a network. */
  core: readonly string[];
  /** Paths of what is fetched when it is wanted, and kept from then on. */
  parts: readonly string[];
}

declare const __FILES__: Files;

export const FILES: Files = __FILES__;

/** The page that any address gets without a network; its script finds out which one it is. */
export const SHELL = "/offline";

const PREFIX = "setroom-app-";
const NAME = PREFIX + FILES.version;

/** Builds kept: this one, and the one that other tabs may still be showing. */
const BUILDS_KEPT = 2;

/** Every client takes the same bytes, whatever else a header says. */
const LOOK: CacheQueryOptions = { ignoreVary: true };

/** Fetches what a room needs; what an older build had under the same name is taken from there. */
export async function keepCore(): Promise<void> {
  const cache = await caches.open(NAME);
  await Promise.all([...FILES.core.map((path) => keep(cache, path)), cache.add(new Request(SHELL, { cache: "no-cache" }))]);
}

/** Fetches the parts as well, one after the other: nobody waits for them. */
export async function keepParts(): Promise<void> {
  const cache = await caches.open(NAME);
  for (const path of FILES.parts) await keep(cache, path).catch(() => undefined);
}

async function keep(cache: Cache, path: string): Promise<void> {
  const known = await caches.match(path, LOOK);
  if (known === undefined) await cache.add(path);
  else await cache.put(path, known);
}

/** Lets go of the builds before the last one. */
export async function dropOldBuilds(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  // In the order of their making.
  const old = names.slice(0, Math.max(0, names.length - (BUILDS_KEPT - 1)));
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** A file of the app: of whichever build is kept, else from the network, and kept. */
export async function file(request: Request): Promise<Response> {
  const known = await caches.match(request, LOOK);
  if (known !== undefined) return known;
  const response = await fetch(request);
  const { pathname, search } = new URL(request.url);
  const ours = FILES.core.includes(pathname) || FILES.parts.includes(pathname);
  if (response.ok && ours && search === "") {
    const cache = await caches.open(NAME);
    await cache.put(request, response.clone());
  }
  return response;
}

export async function shell(): Promise<Response | undefined> {
  return (await caches.open(NAME)).match(SHELL, LOOK);
}
