/** The offer to put the app on the home screen: to somebody who uses it, once. */
import { readJson, writeJson, type KeyValueStorage } from "@setroom/shared";

/** Chromium's event; not in the standard library's types. */
interface InstallEvent extends Event {
  prompt(): Promise<{ outcome: "accepted" | "dismissed" }>;
}

const KEY = "setroom:install";

/** What came before this part was fetched: `main.ts` holds it back. */
export interface HeldBack {
  event: Event | null;
}

export class Installing {
  /** How it can be installed here, once it is worth offering. */
  offer = $state<"prompt" | "ios" | null>(null);
  #event: InstallEvent | null;
  readonly #storage: KeyValueStorage;

  constructor(storage: KeyValueStorage, held: HeldBack) {
    this.#storage = storage;
    this.#event = held.event as InstallEvent | null;
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.#event = event as InstallEvent;
    });
    addEventListener("appinstalled", () => this.#settle());
  }

  /** This person takes part: now it may be offered. */
  takesPart(): void {
    if (this.offer !== null || readJson(this.#storage, KEY, isFlag, false)) return;
    if (matchMedia("(display-mode: standalone)").matches) return;
    if (this.#event !== null) this.offer = "prompt";
    else if (isIos()) this.offer = "ios";
  }

  decline(): void {
    this.#settle();
  }

  async accept(): Promise<void> {
    const event = this.#event;
    this.#settle();
    await event?.prompt();
  }

  /** Asked once is enough. */
  #settle(): void {
    this.offer = null;
    writeJson(this.#storage, KEY, true);
  }
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** Safari on a phone or a tablet installs by its own menu, and has no event. */
function isIos(): boolean {
  const { standalone } = navigator as { standalone?: boolean };
  return standalone === false;
}
