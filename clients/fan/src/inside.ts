/**
 * What only somebody in the room uses. Fetched right after entering, or at the first touch: who has
 * a bad signal is in the room first, and has the tools before the signal is gone.
 */
import { addIcons } from "@setroom/shared/ui/Icon.svelte";
import { insideIcons } from "@setroom/shared/ui/icons/inside.ts";
import "./styles/places.css";
import "./styles/inside.css";

addIcons(insideIcons);

export { draggable } from "@setroom/shared/ui/dragging.ts";
export { default as AddAgain } from "./parts/AddAgain.svelte";
export { default as AddSong } from "./parts/AddSong.svelte";
export { default as Chat } from "./parts/Chat.svelte";
export { default as EntryActions } from "./parts/EntryActions.svelte";
export { default as EntryForm } from "./parts/EntryForm.svelte";
export { default as EntryState } from "./parts/EntryState.svelte";
export { default as EntryThumbs } from "./parts/EntryThumbs.svelte";
export { default as PoliteTally } from "./parts/PoliteTally.svelte";
export { default as Reactions } from "./parts/Reactions.svelte";
export { default as Strip } from "./parts/Strip.svelte";
export { dropped } from "./lib/deeds.ts";
export { notice } from "./lib/notices.ts";
export { swiped } from "./lib/swiping.ts";
