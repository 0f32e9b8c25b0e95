import { combobox, type Suggestion } from "./combobox.ts";

interface Place {
  readonly name: string;
  readonly admin: string | null;
  readonly country: string;
  readonly lat: number;
  readonly lon: number;
}

interface PlaceSuggestion extends Suggestion {
  readonly place: Place;
}

const POSITION_WAITS_MS = 15_000;

/** Shows around a city, or around where somebody is once they have said yes. */
export function nearForm(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLInputElement>("input[name=city]");
  const button = form.querySelector<HTMLButtonElement>(".near-me");
  const found = form.parentElement?.querySelector<HTMLElement>(".near-found") ?? null;
  if (field === null || button === null || found === null) return;
  const into = found;
  const countries = new Intl.DisplayNames(document.documentElement.lang, { type: "region" });
  let asking: AbortController | null = null;

  function say(text: string): void {
    const line = document.createElement("p");
    line.className = "note";
    line.textContent = text;
    into.replaceChildren(line);
  }

  async function show(query: URLSearchParams): Promise<void> {
    asking?.abort();
    asking = new AbortController();
    const mine = asking.signal;
    query.set("lang", document.documentElement.lang);
    say(form.dataset["wait"] ?? "");
    try {
      const answer = await fetch(`/near?${query}`, { headers: { accept: "text/html" }, signal: mine });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const results = page.querySelector("#near-results");
      if (results === null) throw new Error("no results");
      into.replaceChildren(...results.childNodes);
      // The page around it may hold an older answer of the same.
      document.querySelector("main > #near-results")?.remove();
    } catch {
      if (!mine.aborted) location.assign(`/near?${query}`);
    }
  }

  /** About a kilometre: enough to look for concerts, and no more than that is told. */
  function around(lat: number, lon: number, place: string): void {
    const query = new URLSearchParams({ near: `${lat.toFixed(2)},${lon.toFixed(2)}` });
    if (place !== "") query.set("place", place);
    void show(query);
  }

  combobox<PlaceSuggestion>(field, {
    async ask(text, signal) {
      const answer = await fetch(`/api/places?q=${encodeURIComponent(text)}`, { signal });
      if (!answer.ok) throw new Error(`no places: ${answer.status}`);
      const { items } = (await answer.json()) as { items: Place[] };
      return items.map((place) => ({
        value: place.name,
        detail: [place.admin, countries.of(place.country) ?? place.country].filter(Boolean).join(", "),
        kind: "",
        place,
      }));
    },
    take: ({ place }) => around(place.lat, place.lon, place.name),
    countText: form.dataset["count"] ?? "",
    noneText: form.dataset["none"] ?? "",
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim() !== "") void show(new URLSearchParams({ city: field.value.trim() }));
  });
  if (!("geolocation" in navigator)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    say(form.dataset["wait"] ?? "");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.disabled = false;
        around(coords.latitude, coords.longitude, "");
      },
      () => {
        button.disabled = false;
        say(form.dataset["denied"] ?? "");
        field.focus();
      },
      { maximumAge: 600_000, timeout: POSITION_WAITS_MS },
    );
  });
}
