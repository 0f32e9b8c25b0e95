/** How both displays begin. */
import { addIcons } from "@setroom/shared/ui/Icon.svelte";
import { moreIcons } from "@setroom/shared/ui/icons/more.ts";
import { mount, type Component } from "svelte";
import { readAddress, type DisplayAddress } from "./address.ts";
import { hideCursor, keepAwake } from "./awake.ts";
import { useDisplayLanguage } from "./texts/texts.ts";

/** Takes over the shell that the server wrote, with the app of this kind of display. */
export async function startDisplay(app: Component<{ address: DisplayAddress | null }>): Promise<void> {
  const target = document.getElementById("app");
  if (target === null) return;
  await useDisplayLanguage(document.documentElement.lang);
  addIcons(moreIcons);
  document.documentElement.dataset.theme = "dark"; // a hall is dark, whatever the laptop says
  keepAwake();
  hideCursor(document.documentElement);
  const address = readAddress(location.pathname, location.hash);
  addEventListener("hashchange", () => location.reload());
  target.replaceChildren();
  mount(app, { target, props: { address } });
}
