import "@setroom/shared/ui/fonts.css";
import "@setroom/shared/ui/tokens.css";
import "@setroom/shared/ui/brand.css";
import "@setroom/shared/ui/base.css";
import "./styles/main.css";
import { Api, browserStorage, SessionKeeper } from "@setroom/shared";
import { mount } from "svelte";
import App from "./App.svelte";
import { calm } from "@setroom/shared/ui/fingers.ts";
import { readBootstrap, type Bootstrap } from "@setroom/shared/ui/bootstrap.ts";
import { later, useLanguage } from "./lib/i18n.ts";
import { loadInside, loadLive, loadRounds, Room } from "./lib/room.svelte.ts";

/** What makes the next visit better waits no longer than this for the tools of this one, in milliseconds. */
const CALM_MS = 1_500;

/** Takes over the page that the server wrote. */
async function start(): Promise<void> {
  const target = document.getElementById("app");
  if (target === null) return;
  await useLanguage(document.documentElement.lang);
  const bootstrap = await bootstrapOf(target);
  if (bootstrap === null) return;
  if (bootstrap.replay) {
    const { default: Replay } = await later(() => import("./parts/replay/Replay.svelte"));
    const api = new Api(location.origin, new SessionKeeper(location.origin, browserStorage()));
    target.replaceChildren();
    mount(Replay, { target, props: { api, show: bootstrap.show } });
    return;
  }
  const code = new URLSearchParams(location.search).get("code");
  const room = new Room(bootstrap, location.origin, code);
  // Whoever is in already needs the rest as well: fetched while the page is built.
  if (room.session !== null) {
    loadLive().catch(() => undefined);
    loadInside().catch(() => undefined);
  }
  // The page that the server wrote has the rounds: it stays until ours has them as well.
  if (bootstrap.room?.snapshot.rounds.length) await loadRounds().catch(() => undefined);
  target.replaceChildren();
  mount(App, { target, props: { room } });
  window.addEventListener("online", () => room.networkChanged(true));
  window.addEventListener("offline", () => room.networkChanged(false));
  // What the browser offers before anybody asks is held back, for when it is worth offering.
  const held: { event: Event | null } = { event: null };
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    held.event = event;
  });
  if (room.session !== null) await room.enter();
  await room.entered;
  // The tools come first: without them nobody can edit where the signal is gone.
  const late = new Promise<void>((resolve) => setTimeout(resolve, CALM_MS));
  await Promise.race([room.equipped, late]);
  await calm();
  const connection = await fetchConnection();
  connection.startConnection(room, held);
}

/** Fetches what looks after the connection: without a signal, once there is one again. */
async function fetchConnection(): Promise<typeof import("./parts/connection/start.ts")> {
  for (;;) {
    const part = await import("./parts/connection/start.ts").catch(() => null);
    if (part !== null) return part;
    await new Promise((resolve) => addEventListener("online", resolve, { once: true }));
  }
}

/** What the server wrote; on a page that no server wrote, what this device knows. */
async function bootstrapOf(target: HTMLElement): Promise<Bootstrap | null> {
  if (target.dataset.app !== "offline") return readBootstrap(document);
  const { offlineBootstrap } = await import("./parts/connection/offline.ts");
  return offlineBootstrap(target);
}

void start();
