/**
 * Single keys for what is done in the dark. They are off while somebody types, while a dialog is
 * open, with a modifier held, and for whoever switched them off (WCAG 2.1.4).
 */
import { browserStorage, readJson, writeJson } from "@setroom/shared";
import type { TextKey } from "./i18n.ts";

export interface Binding {
  /** As `KeyboardEvent.key` says it, in lower case. */
  key: string;
  /** What it does, for the overlay. */
  text: TextKey;
  run: () => void;
}

const STORED = "setroom:cockpit-keys";
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";

class Keys {
  readonly #storage = browserStorage();
  readonly #bindings = new Map<string, Binding>();
  enabled = $state(readJson(this.#storage, STORED, isBoolean, true));

  /** Binds a key for as long as the caller's component is there and `active` says so. */
  bind(binding: () => Binding | null): void {
    $effect(() => {
      const now = binding();
      if (now === null) return;
      this.#bindings.set(now.key, now);
      return () => {
        if (this.#bindings.get(now.key) === now) this.#bindings.delete(now.key);
      };
    });
  }

  set(enabled: boolean): void {
    this.enabled = enabled;
    writeJson(this.#storage, STORED, enabled);
  }

  readonly pressed = (event: KeyboardEvent): void => {
    if (!this.enabled || event.repeat || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const binding = this.#bindings.get(event.key.toLowerCase());
    if (binding === undefined) return;
    event.preventDefault();
    binding.run();
  };
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

export const keys = new Keys();
