/** What the server wrote into the page: the room as it stood when the page was made. */
import {
  fromSnapshot,
  type RoomSnapshot,
  type RoomState,
  type SavedRoom,
  type ShowFacts,
  type You,
} from "@setroom/shared";

export interface Bootstrap {
  show: ShowFacts;
  /** Absent where one has to be let in before seeing anything. */
  room: { epoch: string; seq: number; snapshot: RoomSnapshot } | null;
  /** The page is for playing the night again. */
  replay?: boolean;
  /** What this device knew of the room, on a page that no server wrote. */
  saved?: SavedRoom;
}

const NOBODY: You = {
  participant_id: "",
  role: "fan",
  can: [],
  display_name: "",
  guest: true,
  admitted: false,
  ballots: [],
  upvotes: [],
  ratings: {},
  muted_until: null,
  display: null,
  held: [],
};

/** Reads the page's data. @throws Error if the page has none. */
export function readBootstrap(document: Document): Bootstrap {
  const text = document.getElementById("bootstrap")?.textContent;
  if (!text) throw new Error("the page has no bootstrap data");
  return JSON.parse(text) as Bootstrap;
}

/** The state that the page starts with. */
export function initialState({ room, saved }: Bootstrap): RoomState | null {
  if (saved !== undefined) return saved.state;
  if (room === null) return null;
  return fromSnapshot({ epoch: room.epoch, seq: room.seq, you: NOBODY }, room.snapshot);
}
