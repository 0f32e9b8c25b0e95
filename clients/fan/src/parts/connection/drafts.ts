/** Half-written text that outlives the reload which takes a new version into use. */

const KEY = "setroom:drafts";

/** A sheet with a field in it may be opened again this much later, in milliseconds. */
const WAITS_MS = 10 * 60_000;

type Field = HTMLInputElement | HTMLTextAreaElement;

const fields = (): Field[] => [
  ...document.querySelectorAll<Field>("textarea, input:is([type=text], [type=search], :not([type]))"),
];

/** What a person calls a field: it is the same before and after. */
function nameOf(field: Field): string {
  const label = field.labels?.[0]?.textContent.trim();
  return label || field.getAttribute("aria-label") || field.placeholder || field.name;
}

/** Keeps what is in every field: the page is about to be loaded again. */
export function keepDrafts(): void {
  const written = fields().filter((field) => field.value !== "" && nameOf(field) !== "");
  const drafts = Object.fromEntries(written.map((field) => [nameOf(field), field.value]));
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, drafts }));
  } catch {
    // Without storage the text is lost: nothing here can hold it.
  }
}

/** Puts it back where it was, as the fields appear. Empty ones only: nobody is overwritten. */
export function restoreDrafts(): void {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as {
    path: string;
    drafts: Record<string, string>;
  } | null;
  sessionStorage.removeItem(KEY);
  if (kept?.path !== location.pathname) return;
  const left = new Map(Object.entries(kept.drafts));
  const restore = (): void => {
    for (const field of fields()) {
      const text = left.get(nameOf(field));
      if (text === undefined || field.value !== "") continue;
      left.delete(nameOf(field));
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (left.size === 0) watching.disconnect();
  };
  const watching = new MutationObserver(restore);
  watching.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => watching.disconnect(), WAITS_MS);
  restore();
}
