/** Short notes at the edge of the page, read out politely. */

export interface Toast {
  id: number;
  text: string;
  kind: "good" | "bad";
  action?: { label: string; run: () => void };
  /** What it is about, such as a song: when that comes to nothing, so does the note. */
  about?: string;
}

const SHOWN_MS = 6_000;
const TOASTS_MAX = 3;

class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  #next = 1;

  show(text: string, kind: Toast["kind"] = "good", action?: Toast["action"], about?: string): void {
    const toast: Toast = { id: this.#next, text, kind, ...(action ? { action } : {}), ...(about ? { about } : {}) };
    this.#next += 1;
    // The same words twice say nothing new.
    const others = this.items.filter((other) => other.text !== text);
    this.items = [...others, toast].slice(-TOASTS_MAX);
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
  }

  /** Takes back what was said of something. */
  forget(about: string): void {
    if (this.items.some((toast) => toast.about === about)) this.items = this.items.filter((toast) => toast.about !== about);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
