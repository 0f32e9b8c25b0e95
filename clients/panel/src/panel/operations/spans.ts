/** Spans of time as they are said of things that wait. */
import { currentLanguage } from "@setroom/shared/ui/i18n.ts";

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;

/** `3 min`, from seconds: the largest unit that fits, in whole numbers. */
export function spanOf(seconds: number): string {
  const [unit, size] = UNITS.find((one) => seconds >= one[1]) ?? ["second", 1];
  const format = new Intl.NumberFormat(currentLanguage(), { style: "unit", unit, unitDisplay: "short" });
  return format.format(Math.round(seconds / size));
}

/** `Nov 20`, of a day such as `2026-11-20`, which is nobody's midnight. */
export function dayOf(day: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}
