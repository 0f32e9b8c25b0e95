/** Invitations of one show, as its crew sends and withdraws them. */
import { uuidv7, type InvitationPage, type MadeInvitationView, type NewInvitationBody, type SentInvitationView } from "@setroom/shared";
import { Resource } from "@setroom/shared/ui/desk/resource.svelte.ts";
import type { ShowDesk } from "./show_desk.svelte.ts";

/** An invitation as it was just made: its link is known this once. */
export interface Made {
  name: string;
  url: string;
  expires_at: string;
}

export class Invitations {
  readonly sent: Resource<InvitationPage>;
  made = $state.raw<Made | null>(null);
  readonly #own: ShowDesk;

  constructor(own: ShowDesk) {
    this.#own = own;
    this.sent = new Resource(own.desk, (signal) =>
      own.desk.api.get<InvitationPage>(own.path("/invitations"), signal),
    );
  }

  /** Those of a kind that wait for an answer. */
  waiting(kind: "crew" | "artist"): readonly SentInvitationView[] {
    return this.sent.value?.items.filter((one) => one.kind === kind && one.status === "pending") ?? [];
  }

  /** Makes one. @throws ApiProblem */
  async make(body: NewInvitationBody, name: string): Promise<void> {
    const { url, expires_at } = await this.#own.desk.api.create<MadeInvitationView>(
      this.#own.path("/invitations"),
      body,
      uuidv7(),
    );
    this.made = { name, url, expires_at };
    await this.sent.load();
  }

  /** Takes one back. @throws ApiProblem */
  async withdraw(id: string): Promise<void> {
    await this.#own.desk.api.delete(this.#own.path(`/invitations/${id}`));
    await this.sent.load();
  }
}
