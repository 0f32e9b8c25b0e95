import "@setroom/shared/ui/fonts.css";
import "@setroom/shared/ui/tokens.css";
import "@setroom/shared/ui/base.css";
import "./design.css";
import { addIcons } from "@setroom/shared/ui/Icon.svelte";
import { moreIcons } from "@setroom/shared/ui/icons/more.ts";
import { mount } from "svelte";
import { useLanguage } from "../texts/texts.ts";
import App from "./App.svelte";
import { addDesignTexts } from "./texts/texts.ts";

/** Takes over the shell that the server wrote. */
async function start(): Promise<void> {
  const target = document.getElementById("app");
  if (target === null) return;
  await useLanguage(document.documentElement.lang);
  await addDesignTexts();
  addIcons(moreIcons);
  target.replaceChildren();
  mount(App, { target });
}

void start();
