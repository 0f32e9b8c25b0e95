/** Rooms that open without a network: whose, how many, and until when. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetAccount, forgetDocument } from "../src/forget.ts";
import { SAVED_ROOMS_MAX } from "../src/limits.ts";
import { fromSnapshot, type RoomState } from "../src/room_state.ts";
import { SavedRooms } from "../src/saved_rooms.ts";
import { memoryStorage } from "../src/storage.ts";
import { snapshot, YOU } from "./fake_room.ts";

/** The part of the browser's cache storage that is used. */
class FakeCaches {
  readonly stores = new Map<string, Map<string, Response>>();

  has(name: string): Promise<boolean> {
    return Promise.resolve(this.stores.has(name));
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.stores.delete(name));
  }

  open(name: string): Promise<Cache> {
    const store = this.stores.get(name) ?? new Map<string, Response>();
    this.stores.set(name, store);
    return Promise.resolve({
      match: (path: string) => Promise.resolve(store.get(path)?.clone()),
      put: (path: string, response: Response) => Promise.resolve(void store.set(path, response)),
      delete: (path: string) => Promise.resolve(store.delete(path)),
    } as unknown as Cache);
  }
}

let caches: FakeCaches;

beforeEach(() => {
  caches = new FakeCaches();
  vi.stubGlobal("caches", caches);
});

afterEach(() => vi.unstubAllGlobals());

function room(slug: string): RoomState {
  const { show } = snapshot();
  const facts = { ...show, show_id: `id-${slug}`, slug };
  return fromSnapshot({ epoch: "e", seq: 7, you: YOU }, snapshot({ show: facts }));
}

describe("the last rooms", () => {
  it("are read as they were saved, newest first", async () => {
    const rooms = new SavedRooms("ada");
    await rooms.save({ ...room("one"), versions: { tally: 3 } }, 10);
    await rooms.save(room("two"), 20);
    await rooms.save(room("one"), 30);
    expect((await rooms.list()).map(({ show, saved_at_ms }) => [show.slug, saved_at_ms])).toEqual([["one", 30], ["two", 20]]);
    expect(await rooms.read("two")).toEqual({ state: room("two"), saved_at_ms: 20 });
  });

  it("are a few: the oldest goes for the newest, and is named", async () => {
    const rooms = new SavedRooms("ada");
    let gone: readonly { show: { slug: string } }[] = [];
    for (let at = 0; at <= SAVED_ROOMS_MAX; at += 1) gone = await rooms.save(room(`show-${String(at)}`), at);
    expect(gone.map(({ show }) => show.slug)).toEqual(["show-0"]);
    expect(await rooms.read("show-0")).toBeNull();
    expect(await rooms.list()).toHaveLength(SAVED_ROOMS_MAX);
  });

  it("are nobody else's", async () => {
    await new SavedRooms("ada").save(room("one"), 10);
    const others = new SavedRooms("bob");
    expect(await others.read("one")).toBeNull();
    expect(await others.list()).toEqual([]);
    expect([...caches.stores.keys()]).toEqual(["setroom-rooms:ada"]);
  });

  it("are none where the browser keeps nothing", async () => {
    const rooms = new SavedRooms("ada", undefined);
    vi.stubGlobal("caches", undefined);
    const without = new SavedRooms("ada");
    expect(await without.save(room("one"), 10)).toEqual([]);
    expect(await without.list()).toEqual([]);
    expect(await rooms.list()).toEqual([]);
  });
});

describe("whoever leaves", () => {
  it("takes what is theirs along, and nothing of anybody else", async () => {
    const storage = memoryStorage();
    for (const who of ["ada", "bob"]) {
      await new SavedRooms(who).save(room("one"), 10);
      storage.setItem(`setroom:outbox:show:${who}:c1`, "{}");
      storage.setItem(`setroom:outbox:show:${who}/refused`, "[]");
      storage.setItem(`setroom:unsaved:show:${who}`, "[]");
    }
    storage.setItem("setroom:device", '"d"');
    const deleted: string[] = [];
    vi.stubGlobal("indexedDB", {
      databases: () => Promise.resolve([{ name: "setroom:show:ada" }, { name: "setroom:show:bob" }, { name: "other" }]),
      deleteDatabase: (name: string) => deleted.push(name),
    });
    await forgetAccount("ada", storage);
    const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? "");
    expect(keys.filter((key) => key.includes("ada"))).toEqual([]);
    expect(keys).toHaveLength(4);
    expect([...caches.stores.keys()]).toEqual(["setroom-rooms:bob"]);
    expect(deleted).toEqual(["setroom:show:ada"]);
  });

  it("of a room's list goes without its document, unless something in it was not saved", () => {
    const storage = memoryStorage();
    const deleted: string[] = [];
    vi.stubGlobal("indexedDB", { deleteDatabase: (name: string) => deleted.push(name) });
    storage.setItem("setroom:unsaved:s1:ada", '["entry"]');
    forgetDocument("s1", "ada", storage);
    forgetDocument("s2", "ada", storage);
    expect(deleted).toEqual(["setroom:s2:ada"]);
  });
});
