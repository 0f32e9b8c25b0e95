import "@setroom/shared/ui/fonts.css";
import "@setroom/shared/ui/tokens.css";
import "@setroom/shared/ui/base.css";
import { mount } from "svelte";
import { useLanguage } from "../texts/texts.ts";
import App from "./App.svelte";

/** Takes over the shell that the server wrote. */
async function start(): Promise<void> {
  const target = document.getElementById("app");
  if (target === null) return;
  await useLanguage(document.documentElement.lang);
  target.replaceChildren();
  mount(App, { target });
}

void start();
