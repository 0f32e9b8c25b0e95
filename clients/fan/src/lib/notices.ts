/** What happens in the room and concerns this person: told in a toast, wherever they look. */
import type { EventMessage, RoomState } from "@setroom/shared";
import { t, type TextKey } from "./i18n.ts";
import { toasts } from "@setroom/shared/ui/toasts.svelte.ts";
import { view } from "./view.svelte.ts";

const MARKED: Readonly<Record<string, TextKey>> = {
  accepted: "notice.accepted",
  playing: "notice.playing",
  played: "notice.played",
  declined: "notice.declined",
};

/** Tells what an event means for whom the state belongs to, if anything. */
export function notice(event: EventMessage, state: RoomState): void {
  switch (event.name) {
    case "song_request_marked": {
      const { requested_by, status, title, reason } = event.data;
      const key = MARKED[status];
      if (requested_by !== state.you.participant_id || key === undefined) return;
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
    default:
      return;
  }
}
