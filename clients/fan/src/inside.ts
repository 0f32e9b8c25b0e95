/** What only somebody in the room uses: fetched on entering, so that it is there offline. */
import "./styles/places.css";
import "./styles/inside.css";
export { draggable } from "@setroom/shared/ui/dragging.ts";
export { default as AddAgain } from "./parts/AddAgain.svelte";
export { default as AddSong } from "./parts/AddSong.svelte";
export { default as ChatActions } from "./parts/ChatActions.svelte";
export { default as EntryActions } from "./parts/EntryActions.svelte";
export { default as EntryForm } from "./parts/EntryForm.svelte";
export { default as EntryThumbs } from "./parts/EntryThumbs.svelte";
export { default as MoveTo } from "./parts/MoveTo.svelte";
export { dropped } from "./lib/deeds.ts";
export { notice } from "./lib/notices.ts";
export { swiped } from "./lib/swiping.ts";
