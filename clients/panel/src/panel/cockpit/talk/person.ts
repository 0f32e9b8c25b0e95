/** What crew may do with somebody. */
import type { MenuItem } from "@setroom/shared/ui/components/Menu.svelte";
import { t } from "../i18n.ts";

/** For how long somebody is muted, in seconds; the night is longer than any show. */
export const MUTES_S = { mute_5: 300, mute_30: 1_800, mute_night: 43_200 } as const;

export type Mute = keyof typeof MUTES_S;

export function isMute(id: string): id is Mute {
  return id in MUTES_S;
}

/** The menu's items about a person; first comes what is done most. */
export function personItems(muted: boolean): readonly MenuItem[] {
  const mutes = (Object.keys(MUTES_S) as Mute[]).map((id, at) => ({
    id,
    label: t(`person.${id}`),
    icon: "mute" as const,
    divided: at === 0,
  }));
  return [
    ...(muted ? [{ id: "unmute", label: t("person.unmute"), icon: "bell" as const, divided: true }] : mutes),
    { id: "ban", label: t("person.remove"), icon: "ban", danger: true, divided: true },
  ];
}
