/** This page's connection as a lamp and a word. */
import type { CockpitRoom } from "../cockpit_room.svelte.ts";
import { t } from "../i18n.ts";

export interface LampOfConnection {
  state: "live" | "good" | "waiting" | "bad" | "off";
  text: string;
}

/** How this page stands with its room. */
export function connectionLamp({ connection }: CockpitRoom): LampOfConnection {
  switch (connection.kind) {
    case "live":
      return connection.way === "socket"
        ? { state: "good", text: t("health.live") }
        : { state: "waiting", text: t(`health.by_${connection.way}`) };
    case "connecting":
      return { state: "waiting", text: t("connection.connecting") };
    case "behind":
      return { state: "waiting", text: t("connection.behind") };
    case "reconnecting":
      return { state: "waiting", text: t("health.reconnecting") };
    case "offline":
      return { state: "bad", text: t("health.offline") };
    case "refused":
      return { state: "bad", text: t("health.refused") };
  }
}
