/** What the room has to know of its show before it answers itself. */
import type { Access, Api, ShowFacts, ShowStatus } from "@setroom/shared";

interface ShowAnswer {
  id: string;
  slug: string;
  title: string;
  status: ShowStatus;
  access: Access;
  starts_at: string;
  venue: { name: string; city: string | null; country: string | null } | null;
  takes_sms: boolean;
}

/** The show as its page tells it; line-up and time zone come with the room. @throws ApiProblem */
export async function showFacts(api: Api, show_id: string): Promise<ShowFacts> {
  const { id, venue, slug, title, status, access, starts_at, takes_sms } = await api.get<ShowAnswer>(
    `/api/shows/${encodeURIComponent(show_id)}`,
  );
  return {
    show_id: id,
    slug,
    title,
    status,
    access,
    starts_at,
    takes_sms,
    artists: [],
    venue: venue?.name ?? null,
    city: venue?.city ?? null,
    country: venue?.country ?? null,
    time_zone: null,
  };
}
