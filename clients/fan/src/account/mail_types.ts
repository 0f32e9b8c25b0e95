/** What can be chosen for each type of mail. */
import type { MailFrequency, MailTypes } from "@setroom/shared";

type Frequency = MailFrequency["frequency"];

/** Those that may come together in a digest. */
const COLLECTED: ReadonlySet<keyof MailTypes> = new Set(["new_show", "results", "recap", "broadcast"]);

/** The frequencies of a type that make a difference; the one of now is always among them. */
export function frequenciesOf(type: keyof MailTypes, now: Frequency): readonly Frequency[] {
  const offered: readonly Frequency[] =
    type === "digest"
      ? ["daily", "weekly", "never"]
      : COLLECTED.has(type)
        ? ["immediate", "daily", "weekly", "never"]
        : ["immediate", "never"];
  return offered.includes(now) ? offered : [now, ...offered];
}
