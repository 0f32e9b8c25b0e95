/** One show as its crew has it open: its facts, who belongs to it, and what the viewer may do. */
import type { CrewPage, ShowAction, ShowView } from "@setroom/shared";
import type { Desk } from "@setroom/shared/ui/desk/desk.svelte.ts";
import { zoneOfVenue, type VenueZone } from "./places.ts";
import { Resource } from "@setroom/shared/ui/desk/resource.svelte.ts";
import { readShow } from "./shows.ts";

/** A show with everything that its head needs. */
export interface Opened {
  show: ShowView;
  crew: CrewPage["items"];
  zone: VenueZone;
}

export class ShowDesk {
  readonly desk: Desk;
  readonly show_id: string;
  readonly opened: Resource<Opened>;

  constructor(desk: Desk, show_id: string) {
    this.desk = desk;
    this.show_id = show_id;
    this.opened = new Resource(desk, (signal) => this.#open(signal));
  }

  /** The path of what is asked about the show. */
  path(rest: string): string {
    return `/api/shows/${encodeURIComponent(this.opened.value?.show.id ?? this.show_id)}${rest}`;
  }

  /** The viewer's role in the crew; `null` for an admin who is not of it. */
  get role(): string | null {
    return this.opened.value?.show.role ?? null;
  }

  /** Whether the viewer put on the show: who names its crew. */
  get owns(): boolean {
    const own = this.desk.account?.account_id;
    return this.opened.value?.crew.some(({ account_id, owner }) => owner && account_id === own) ?? false;
  }

  /** Whether the viewer may change the show. */
  get drives(): boolean {
    return this.role === "artist" || this.role === "admin" || this.role === null;
  }

  /** Whether the viewer may write to the show's people. */
  get writes(): boolean {
    return this.drives || this.role === "moderator";
  }

  /** Whether the viewer is shown the show's figures, and nothing else of it. */
  get onlyFigures(): boolean {
    return this.role === "brand" && !this.owns;
  }

  /** Takes the show as it is now. */
  take(show: ShowView): void {
    const opened = this.opened.value;
    if (opened !== null) this.opened.value = { ...opened, show };
  }

  /** One step in the show's life. @throws ApiProblem */
  async step(action: ShowAction): Promise<void> {
    this.take(await this.desk.api.post<ShowView>(this.path(`/${action}`), {}));
  }

  async #open(signal: AbortSignal): Promise<Opened> {
    const show = await readShow(this.desk.api, this.show_id, signal);
    const [crew, zone] = await Promise.all([
      // A brand is shown figures, not people.
      show.role === "brand" ? { items: [] } : this.desk.api.get<CrewPage>(`/api/shows/${show.id}/crew`, signal),
      zoneOfVenue(this.desk.api, show.venue),
    ]);
    return { show, crew: crew.items, zone };
  }
}
