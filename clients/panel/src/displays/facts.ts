/** What a display is told beside its room: `GET /api/displays/{id}/facts` (server/displays/facts.py). */
import type { QrModules } from "@setroom/shared/ui/components/QrCode.svelte";
import type { Timestamp } from "@setroom/shared";

export interface JoinFacts {
  /** What the QR code says. */
  url: string;
  /** The same for people to read and type. */
  address: string;
  /** The show's code, where it asks for one. */
  code: string | null;
  qr: QrModules;
}

export interface SmsFacts {
  number: string;
  /** What to send to get in. */
  text: string;
}

export interface CheckInFacts {
  code: string;
  /** When it is another: ask again. */
  expires_at: Timestamp;
}

export interface DisplayFacts {
  display_id: string;
  kind: "stage" | "big_screen";
  name: string;
  show: {
    id: string;
    slug: string;
    title: string;
    status: string;
    starts_at: Timestamp;
    ends_at: Timestamp | null;
    artists: readonly string[];
    venue: string | null;
    city: string | null;
  };
  join: JoinFacts;
  sms: SmsFacts | null;
  check_in: CheckInFacts | null;
}
