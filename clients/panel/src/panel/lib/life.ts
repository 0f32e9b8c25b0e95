/** A show's life as its crew steps through it. */
import type { ShowAction } from "@setroom/shared";

/** The stages in their order; `cancelled` is the way out of the first three. */
export const STAGES = ["draft", "published", "live", "closed", "archived"] as const;

/** The one step that leads on, by the stage that one is in. */
export const NEXT_STEP: Readonly<Partial<Record<string, Exclude<ShowAction, "cancel">>>> = {
  draft: "publish",
  published: "open",
  live: "close",
  closed: "archive",
};

/** Whether a show can still be cancelled. */
export function mayCancel(status: string): boolean {
  return status === "draft" || status === "published" || status === "live";
}
