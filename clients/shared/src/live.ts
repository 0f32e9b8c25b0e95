/** The room with its document and its socket: fetched when somebody enters, not to look on. */
export { IndexeddbPersistence } from "y-indexeddb";
export { Doc } from "yjs";
export * from "./ordering.ts";
export * from "./room_client.ts";
export * from "./setlist.ts";
export * from "./setlist_reader.ts";
export * from "./unsaved.ts";
