import "@setroom/shared/ui/fonts.css";
import "@setroom/shared/ui/tokens.css";
import "@setroom/shared/ui/brand.css";
import "@setroom/shared/ui/base.css";
import "./panel.css";
import { addTexts, setLanguage } from "@setroom/shared/ui/i18n.ts";
import { mount } from "svelte";
import { useLanguage } from "../texts/texts.ts";
import App from "./App.svelte";
import { Desk } from "@setroom/shared/ui/desk/desk.svelte.ts";

/** Takes over the shell that the server wrote. */
async function start(): Promise<void> {
  const target = document.getElementById("app");
  if (target === null) return;
  const tag = document.documentElement.lang;
  const [catalogue] = await Promise.all([catalogueOf(tag), useLanguage(tag)]);
  addTexts(catalogue);
  target.replaceChildren();
  mount(App, { target, props: { desk: new Desk(location.origin) } });
}

async function catalogueOf(tag: string): Promise<Readonly<Record<string, string>>> {
  return setLanguage(tag) === "es"
    ? (await import("../texts/es_panel.ts")).all
    : (await import("../texts/en_panel.ts")).all;
}

void start();
