/** What a person does to the setlist, each with the way back. */
import type { NotAdded } from "@setroom/shared/ui/room.svelte.ts";
import type { SetlistEntry } from "@setroom/shared";
import { toasts } from "@setroom/shared/ui/toasts.svelte.ts";
import { tick } from "svelte";
import { hands } from "./hands.svelte.ts";
import { sectionName, t } from "./i18n.ts";
import type { Stage } from "./stage.ts";

/** Notes that an entry was changed by this person: what others do to it then concerns them. */
export function mine(entry_id: string): void {
  hands.changed.set(entry_id, Date.now());
}

/** A place of an entry in its section, from 0. */
export function indexIn(room: Stage, entry: SetlistEntry): number {
  const others = room.entries.filter(({ section }) => section === entry.section);
  return others.findIndex(({ entry_id }) => entry_id === entry.entry_id);
}

/** Moves an entry to a place; the toast says where it is now, and brings it back. */
export function dropped(room: Stage, entry: SetlistEntry, section: string, index: number): void {
  const before = { section: entry.section, index: indexIn(room, entry) };
  if (before.section === section && before.index === index) return;
  mine(entry.entry_id);
  room.moveTo(entry.entry_id, section, index);
  const place = { title: entry.title, place: index + 1, section: sectionName(section) };
  toasts.show(t("setlist.moved", place), "good", {
    label: t("setlist.undo"),
    run: () => room.moveTo(entry.entry_id, before.section, before.index),
  });
}

/** One place up or down; what to say of it. */
export function moved(room: Stage, entry: SetlistEntry, direction: "up" | "down"): string {
  mine(entry.entry_id);
  const held = document.activeElement;
  // Let go of before the row goes elsewhere: a browser that has to take it away lays the page out once more.
  if (held instanceof HTMLElement) {
    held.blur();
    void tick().then(() => held.focus({ preventScroll: true }));
  }
  room.move(entry.entry_id, direction);
  const now = room.entries.find(({ entry_id }) => entry_id === entry.entry_id) ?? entry;
  const place = indexIn(room, now) + 1;
  return t("setlist.moved", { title: entry.title, place, section: sectionName(now.section) });
}

/** Takes an entry out; the toast puts it back where it stood, with all that it said. */
export function removed(room: Stage, entry: SetlistEntry): void {
  const index = indexIn(room, entry);
  hands.changed.delete(entry.entry_id);
  room.remove(entry.entry_id);
  toasts.show(t("setlist.removed", { title: entry.title }), "good", {
    label: t("setlist.undo"),
    run: () => {
      const back = room.putBack(entry, index);
      if (back !== null) void hands.show(back);
    },
  });
}

/** Adds a song and shows where it went. */
export function added(room: Stage, song: Parameters<Stage["add"]>[0]): void {
  const entry_id = room.add(song);
  if (entry_id === null) return;
  mine(entry_id);
  toasts.show(t("setlist.added", { title: song.title }), "good", {
    label: t("setlist.undo"),
    run: () => room.remove(entry_id),
  }, entry_id);
  void hands.show(entry_id);
}

/** Tries once more what was refused. */
export function addedAgain(room: Stage, song: NotAdded): void {
  room.dismiss(song.entry_id);
  added(room, { title: song.title, section: song.section ?? room.entries.at(-1)?.section ?? "set1" });
}
