/** What a page needs before anybody has entered. The half that holds Yjs is `live.ts`. */
export * from "./api.ts";
export * from "./closing.ts";
export * from "./connection.ts";
export * from "./entries.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./outbox.ts";
export * from "./progress.ts";
export * from "./room_events.ts";
export * from "./room_state.ts";
export * from "./session.ts";
export * from "./storage.ts";
export * from "./ticket.ts";
export type * from "./http.ts";
export type * from "./wire.ts";
export { REACTIONS, SUBPROTOCOL } from "./wire.ts";
