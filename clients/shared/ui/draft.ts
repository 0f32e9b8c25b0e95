/** Half-written text that outlives a reload of the page (not a new visit). */
import type { Attachment } from "svelte/attachments";

const KEEP = "setroom:keep";
const keyOf = (name: string): string => `setroom:draft:${location.pathname}:${name}`;

/** Every field with a draft keeps what is in it: the page is about to be loaded again. */
export function keepDrafts(): void {
  dispatchEvent(new Event(KEEP));
}

/** A field whose text comes back after `keepDrafts`. `name`: which one of the page it is. */
export function draft(name: string): Attachment<HTMLInputElement | HTMLTextAreaElement> {
  return (field) => {
    const key = keyOf(name);
    const kept = sessionStorage.getItem(key);
    if (kept !== null) {
      sessionStorage.removeItem(key);
      field.value = kept;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const keep = (): void => {
      if (field.value !== "") sessionStorage.setItem(key, field.value);
    };
    addEventListener(KEEP, keep);
    return () => removeEventListener(KEEP, keep);
  };
}
