/**
 * A text field with suggestions: the ARIA combobox with a list that follows what is typed
 * (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Focus stays in the field; arrows move
 * through the list, Enter takes, Escape closes, then empties.
 */

/** One suggestion. `value` is what the field says once it is taken. */
export interface Suggestion {
  readonly value: string;
  readonly detail: string;
  readonly kind: string;
}

export interface Wiring<T extends Suggestion> {
  /** Asks for suggestions; rejects when aborted or without a network. */
  readonly ask: (text: string, signal: AbortSignal) => Promise<readonly T[]>;
  readonly take: (taken: T) => void;
  /** "{count} suggestions", and what is said of none. */
  readonly countText: string;
  readonly noneText: string;
}

const ASK_AFTER_MS = 120;
const ANSWERS_KEPT = 50;

/** Makes `field` a combobox. */
export function combobox<T extends Suggestion>(field: HTMLInputElement, wiring: Wiring<T>): void {
  const list = document.createElement("ul");
  list.id = `${field.id}-options`;
  list.className = "options";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels?.[0]?.textContent ?? "");
  const status = document.createElement("span");
  status.className = "unseen";
  status.setAttribute("role", "status");
  field.after(list, status);
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-expanded", "false"],
    ["aria-controls", list.id],
  ] as const) {
    field.setAttribute(name, value);
  }

  let shown: readonly T[] = [];
  let active = -1;
  let timer = 0;
  let asking: AbortController | null = null;
  const known = new Map<string, readonly T[]>();

  function mark(index: number): void {
    active = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = list.children[index];
    if (option === undefined) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function close(): void {
    asking?.abort();
    window.clearTimeout(timer);
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function show(found: readonly T[], text: string): void {
    shown = found;
    list.replaceChildren(...found.map((one, at) => optionOf(one, `${list.id}-${at}`, text)));
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
    mark(-1);
    status.textContent = found.length > 0 ? wiring.countText.replace("{count}", String(found.length)) : wiring.noneText;
  }

  async function ask(): Promise<void> {
    const text = field.value.trim();
    asking?.abort();
    if (text === "") return close();
    const before = known.get(text);
    if (before !== undefined) return show(before, text);
    asking = new AbortController();
    const mine = asking;
    try {
      const found = await wiring.ask(text, mine.signal);
      if (known.size >= ANSWERS_KEPT) known.clear();
      known.set(text, found);
      if (!mine.signal.aborted && document.activeElement === field) show(found, text);
    } catch {
      // Without suggestions the field is still a field: Enter sends it.
      if (!mine.signal.aborted) close();
    }
  }

  function take(index: number): void {
    const taken = shown[index];
    if (taken === undefined) return;
    field.value = taken.value;
    close();
    wiring.take(taken);
  }

  field.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), ASK_AFTER_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = shown.length - 1;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        event.preventDefault();
        if (list.hidden) void ask();
        else if (event.key === "ArrowDown") mark(active >= last ? 0 : active + 1);
        else mark(active <= 0 ? last : active - 1);
        break;
      case "Enter":
        if (!list.hidden && active >= 0) {
          event.preventDefault();
          take(active);
        }
        break;
      case "Escape":
        if (!list.hidden) event.preventDefault();
        else field.value = "";
        close();
        break;
    }
  });
  field.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = (event.target as Element).closest("[role=option]");
    if (option !== null) take([...list.children].indexOf(option));
  });
}

function optionOf(one: Suggestion, id: string, text: string): HTMLElement {
  const option = document.createElement("li");
  option.id = id;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const name = document.createElement("b");
  name.append(...marked(one.value, text));
  option.append(name, element("span", "kind", one.kind));
  if (one.detail !== "") option.append(element("small", "", one.detail));
  return option;
}

/** The name with the typed part marked, where it is in it as typed. */
function marked(name: string, text: string): (Node | string)[] {
  const at = name.toLowerCase().indexOf(text.toLowerCase());
  if (at < 0 || name.length !== name.toLowerCase().length) return [name];
  const end = at + text.length;
  return [name.slice(0, at), element("mark", "", name.slice(at, end)), name.slice(end)];
}

function element(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.textContent = text;
  return made;
}
