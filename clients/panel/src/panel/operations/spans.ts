/** Spans of time as they are said of things that wait. */
import { currentLanguage } from "@setroom/shared/ui/i18n.ts";

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;

/** `3 min`, from seconds: the largest unit that fits, in whole numbers. */
export function spanOf(seconds: number): string {
  const [unit, size] = UNITS.find((one) => seconds >= one[1]) ?? ["second", 1];
  const format = new Intl.NumberFormat(currentLanguage(), { style: "unit", unit, unitDisplay: "short" });
  return format.format(Math.round(seconds / size));
}
