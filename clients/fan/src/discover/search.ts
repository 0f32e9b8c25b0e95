import { combobox, type Suggestion } from "./combobox.ts";

interface Found {
  readonly kind: string;
  readonly name: string;
  readonly url: string;
  readonly detail?: string;
  readonly starts_at?: string;
}

interface FoundSuggestion extends Suggestion {
  readonly url: string;
}

/** Suggestions below a search field; a taken one opens its page. */
export function searchField(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLInputElement>("input[type=search]");
  if (field === null) return;
  const language = document.documentElement.lang;
  const asked = new URLSearchParams(location.search).get("lang");
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });

  async function ask(text: string, signal: AbortSignal): Promise<FoundSuggestion[]> {
    const answer = await fetch(`/api/search/suggest?q=${encodeURIComponent(text)}`, { signal });
    if (!answer.ok) throw new Error(`no suggestions: ${answer.status}`);
    const { items } = (await answer.json()) as { items: Found[] };
    return items.map((one) => ({
      value: one.name,
      kind: form.dataset[one.kind] ?? "",
      detail: detailOf(one, date),
      url: asked === null ? one.url : `${one.url}?lang=${encodeURIComponent(asked)}`,
    }));
  }

  combobox(field, {
    ask,
    take: (taken) => location.assign(taken.url),
    countText: form.dataset["count"] ?? "",
    noneText: form.dataset["none"] ?? "",
  });
}

function detailOf(one: Found, date: Intl.DateTimeFormat): string {
  const parts = one.starts_at === undefined ? [] : [date.format(new Date(one.starts_at))];
  if (one.detail !== undefined) parts.push(one.detail);
  return parts.join(" · ");
}
