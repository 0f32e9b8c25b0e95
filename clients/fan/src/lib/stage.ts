import type { Stage as SharedStage } from "@setroom/shared/ui/stage.ts";
import type { Room } from "./room.svelte.ts";

/** The same, with the parts of this app's page that were fetched on entering. */
export type Stage = SharedStage & Pick<Room, "inside">;
