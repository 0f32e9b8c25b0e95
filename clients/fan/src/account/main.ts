import "@setroom/shared/ui/fonts.css";
import "@setroom/shared/ui/tokens.css";
import "@setroom/shared/ui/brand.css";
import "@setroom/shared/ui/base.css";
import "./account.css";
import { addIcons } from "@setroom/shared/ui/Icon.svelte";
import { moreIcons } from "@setroom/shared/ui/icons/more.ts";
import { Desk } from "@setroom/shared/ui/desk/desk.svelte.ts";
import { addTexts, setLanguage } from "@setroom/shared/ui/i18n.ts";
import { mount } from "svelte";
import App from "./App.svelte";

/** Takes over the shell that the server wrote. */
async function start(): Promise<void> {
  const target = document.getElementById("app");
  if (target === null) return;
  const { all } =
    setLanguage(document.documentElement.lang) === "es"
      ? await import("./texts/es_all.ts")
      : await import("./texts/en_all.ts");
  addTexts(all);
  addIcons(moreIcons);
  target.replaceChildren();
  mount(App, { target, props: { desk: new Desk(location.origin) } });
}

void start();
