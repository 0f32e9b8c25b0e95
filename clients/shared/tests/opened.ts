/** A fan's client in a test, and what it was told. */
import { WebSocket } from "ws";
import * as Y from "yjs";
import { RoomClient, type RoomClientOptions } from "../src/room_client.ts";
import { memoryStorage } from "../src/storage.ts";

export interface Opened {
  client: RoomClient;
  refusals: string[];
  happened: string[];
  freshDocuments: number;
  /** Resolves when `condition` holds, checked at every change. */
  until(condition: () => boolean): Promise<void>;
}

/** Opens a room at a URL of sockets; does not connect. */
export function opened(url: () => string, options: Partial<RoomClientOptions> = {}): Opened {
  let waiting: (() => void)[] = [];
  const fan: Opened = {
    client: undefined as unknown as RoomClient,
    refusals: [],
    happened: [],
    freshDocuments: 0,
    until: async (condition) => {
      while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
  const tell = (): void => {
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  };
  fan.client = new RoomClient(
    {
      show_id: "show",
      doc: new Y.Doc(),
      ticketUrl: () => Promise.resolve(`${url()}?ticket=t`),
      storage: memoryStorage(),
      storageKey: "show:me",
      openSocket: (to, protocol) => new WebSocket(to, protocol) as unknown as globalThis.WebSocket,
      random: () => 0,
      ...options,
    },
    {
      change: tell,
      refused: (_item, code) => fan.refusals.push(code),
      happened: ({ name, seq }) => fan.happened.push(`${name} ${String(seq)}`),
      documentRefused: () => void (fan.freshDocuments += 1),
    },
  );
  return fan;
}

export const live = ({ client }: Opened): boolean =>
  client.connection.kind === "live" && client.synced;
