/** A room, and what a person can do in it. */
import {
  CommandRefused,
  uuidv7,
  type Ack,
  type CommandArgs,
  type CommandName,
  type EntryEdit,
  type NewEntry,
  type SetlistEntry,
} from "@setroom/shared";
import type { Doc } from "@setroom/shared/live";
import { t } from "./i18n.ts";
import { RoomDoor, type Live } from "./room_door.ts";
import { toasts } from "./toasts.svelte.ts";

export { loadLive } from "./room_door.ts";
export type { NotAdded } from "./room_view.svelte.ts";

export class Room extends RoomDoor {
  // --- what waits -------------------------------------------------------------------------

  /** Takes back what was not sent yet. Whether it could be. */
  cancel(command_id: string): boolean {
    return this.client?.outbox.cancel(command_id) ?? false;
  }

  /** Sends what has waited for so long that it would not be sent. */
  sendAnyway(command_id: string): void {
    this.client?.outbox.sendAnyway(command_id);
  }

  dismissRefusal(command_id: string): void {
    this.client?.outbox.dismiss(command_id);
  }

  // --- what a person can do ---------------------------------------------------------------

  /** Says a command; a refusal is shown by `refused` above. Whether it was done. */
  async command<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<boolean> {
    return (await this.ask(name, args)) !== null;
  }

  /** The same, for what the server answers; `null` if it refused. */
  async ask<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<Ack["data"] | null> {
    if (this.client === null) return null;
    try {
      const answer = this.client.command(name, args);
      this.pace.now();
      return (await answer).data;
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      if (error.code === "outbox_full") toasts.show(t("refusal.outbox_full"), "bad");
      return null;
    }
  }

  react(kind: string): boolean {
    return this.client?.passing("react", { kind }) ?? false;
  }

  add(song: Omit<NewEntry, "added_by">): string | null {
    const entry_id = uuidv7();
    const added_by = this.state?.you.participant_id;
    const done = this.#edit((doc, live) =>
      live.addEntry(doc, entry_id, { ...song, ...(added_by ? { added_by } : {}) }),
    );
    return done ? entry_id : null;
  }

  edit(entry_id: string, edit: EntryEdit): void {
    this.#edit((doc, live) => live.editEntry(doc, entry_id, edit));
  }

  move(entry_id: string, direction: "up" | "down"): void {
    this.#edit((doc, live) => live.moveEntry(doc, entry_id, direction));
  }

  /** To a place among the other entries of a section, from 0. */
  moveTo(entry_id: string, section: string, index: number): void {
    this.#edit((doc, live) => live.placeEntry(doc, entry_id, section, index));
  }

  /** Puts what was removed back where it stood, as a new entry; its id. */
  putBack(entry: SetlistEntry, index: number): string | null {
    const { title, section, segue, song_id, artist, guests, note } = entry;
    const kept = Object.entries({ song_id, artist, guests, note }).filter(([, text]) => text !== undefined);
    const entry_id = this.add({ title, section, segue, ...Object.fromEntries(kept) });
    if (entry_id !== null) this.moveTo(entry_id, section, index);
    return entry_id;
  }

  remove(entry_id: string): void {
    this.#edit((doc, live) => live.removeEntry(doc, entry_id));
  }

  dismiss(entry_id: string): void {
    this.client?.progress.dismiss(entry_id);
    this.pace.now();
  }

  #edit(change: (doc: Doc, live: Live) => unknown): boolean {
    const live = this.live;
    if (this.client === null || live === null || !this.mayEdit) return false;
    try {
      change(this.client.doc, live);
      this.pace.now();
      return true;
    } catch (error) {
      if (!(error instanceof live.PositionExhausted)) throw error;
      toasts.show(t("setlist.no_room"), "bad");
      return false;
    }
  }
}
