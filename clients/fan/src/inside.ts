/** What only somebody in the room uses: fetched on entering, so that it is there offline. */
export { draggable } from "@setroom/shared/ui/dragging.ts";
export { default as AddSong } from "./parts/AddSong.svelte";
export { default as EntryActions } from "./parts/EntryActions.svelte";
export { default as EntryThumbs } from "./parts/EntryThumbs.svelte";
export { notice } from "./lib/notices.ts";
