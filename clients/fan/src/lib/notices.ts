/** What happens in the room and concerns this person: told in a toast, wherever they look. */
import type { EventMessage, RoomState, SetlistChanged } from "@setroom/shared";
import { hands } from "./hands.svelte.ts";
import { sectionName, t, type TextKey } from "./i18n.ts";
import { toasts } from "@setroom/shared/ui/toasts.svelte.ts";
import { view } from "./view.svelte.ts";

const MARKED: Readonly<Record<string, TextKey>> = {
  accepted: "notice.accepted",
  playing: "notice.playing",
  played: "notice.played",
  declined: "notice.declined",
};

/** What somebody did to a song is news to whoever touched it this recently, in milliseconds. */
const CONCERNED_MS = 90_000;

/** Tells what an event means for whom the state belongs to, if anything. */
export function notice(event: EventMessage, state: RoomState, pending: ReadonlyMap<string, unknown>): void {
  const me = state.you.participant_id;
  switch (event.name) {
    case "song_request_marked": {
      const { requested_by, status, title, reason } = event.data;
      const key = MARKED[status];
      if (requested_by !== me || key === undefined) return;
      const text = t(key, { title }) + (reason ? ` ${t("notice.reason", { reason })}` : "");
      toasts.show(text, status === "declined" ? "bad" : "good", {
        label: t("notice.see"),
        run: () => void view.show("requests"),
      });
      return;
    }
    case "round_superseded":
    case "round_cancelled": {
      const { round_id } = event.data;
      if (!state.you.ballots.some((ballot) => ballot.round_id === round_id)) return;
      const title = state.rounds.find((round) => round.round_id === round_id)?.config.title ?? "";
      toasts.show(t(`notice.${event.name}`, { title }), "bad");
      return;
    }
    case "setlist_locked":
    case "setlist_unlocked": {
      const { participant_id, by } = event.data;
      if (participant_id === me || state.show.status !== "live") return;
      view.lockedBy = event.name === "setlist_locked" ? (by?.display_name ?? "") : "";
      toasts.show(by ? t(`notice.${event.name}`, { name: by.display_name }) : t(`notice.${event.name}_crew`), event.name === "setlist_locked" ? "bad" : "good");
      return;
    }
    case "setlist_changed":
      if (event.data.participant_id !== me) meanwhile(event.data, pending);
      return;
    default:
      return;
  }
}

/** Says who changed meanwhile what this person has in hand, and how. */
function meanwhile(change: SetlistChanged, pending: ReadonlyMap<string, unknown>): void {
  for (const { entry_id, kind, before, after } of change.entries) {
    const own_ms = hands.changed.get(entry_id) ?? -Infinity;
    const held = hands.edited?.entry_id === entry_id || hands.dragged === entry_id || hands.moving === entry_id;
    if (!held && !pending.has(entry_id) && Date.now() - own_ms > CONCERNED_MS) continue;
    const title = textOf(before?.title) || textOf(after?.title);
    const name = change.display_name;
    if (kind === "removed") {
      if (hands.edited?.entry_id === entry_id) hands.edited = null;
      toasts.show(t("notice.removed", { name, title }), "bad");
    } else if (kind === "moved") {
      toasts.show(t("notice.moved", { name, title, section: sectionName(textOf(after?.section)) }));
    } else if (kind === "changed" && after?.title !== before?.title) {
      toasts.show(t("notice.renamed", { name, title, now: textOf(after?.title) }));
    } else if (kind === "changed") {
      toasts.show(t("notice.changed", { name, title }));
    }
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
