/** A message as it is shown before it is sent. */
import type { SampleView } from "@setroom/shared";

export type Shown = Pick<SampleView, "channel" | "language" | "text"> & {
  subject?: string | null;
  html?: string | null;
};
