/** What a page in a room does besides: the worker, the last rooms, and what waits when seen. */
import { browserStorage } from "@setroom/shared";
import { forgetLeft } from "@setroom/shared/forget";
import { mount } from "svelte";
import { notes } from "../../lib/notes.svelte.ts";
import type { Room } from "../../lib/room.svelte.ts";
import { restoreDrafts } from "./drafts.ts";
import { Installing, type HeldBack } from "./installing.svelte.ts";
import { keepRoom } from "./keeping.svelte.ts";
import Note from "./Note.svelte";
import Prompts from "./Prompts.svelte";
import { AppVersion } from "./version.svelte.ts";
import { useWords } from "./words.ts";

/** Begins, once for a page. `held`: what the browser offered before this was fetched. */
export function startConnection(room: Room, held: HeldBack): void {
  useWords();
  notes.Note = Note;
  const version = new AppVersion();
  const storage = browserStorage();
  const installing = new Installing(storage, held);
  mount(Prompts, { target: document.body, props: { version, installing } });
  keepRoom(room, () => installing.takesPart());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    room.seen();
    version.look();
  });
  addEventListener("storage", ({ key }) => room.storageChanged(key));
  void forgetLeft(storage);
  restoreDrafts();
  void version.register();
}
