/** Spans of time as they are said of things that wait. */
import { currentLanguage, number } from "@setroom/shared/ui/i18n.ts";

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;

/** `3 min`, from seconds: the largest unit that fits, in whole numbers. */
export function spanOf(seconds: number): string {
  const [unit, size] = UNITS.find((one) => seconds >= one[1]) ?? ["second", 1];
  const format = new Intl.NumberFormat(currentLanguage(), { style: "unit", unit, unitDisplay: "short" });
  return format.format(Math.round(seconds / size));
}

const SIZES = [["gigabyte", 1024 ** 3], ["megabyte", 1024 ** 2], ["kilobyte", 1024]] as const;

/** `120 MB`, from bytes, by steps of 1,024. */
export function bytesOf(bytes: number): string {
  if (bytes === 0) return number(0); // "0 byte" is a unit too many
  const [unit, size] = SIZES.find((one) => bytes >= one[1]) ?? ["byte", 1];
  const value = bytes / size;
  const format = new Intl.NumberFormat(currentLanguage(), {
    style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 && size > 1 ? 1 : 0,
  });
  return format.format(value);
}

/** `4.2 ms`, or `1.3 s`; a dash where nothing was measured. */
export function millisecondsOf(milliseconds: number | null): string {
  if (milliseconds === null) return "–";
  const [unit, value] = milliseconds >= 1_000 ? (["second", milliseconds / 1_000] as const) : (["millisecond", milliseconds] as const);
  const format = new Intl.NumberFormat(currentLanguage(), {
    style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 ? 1 : 0,
  });
  return format.format(value);
}

/** `Nov 20`, of a day such as `2026-11-20`, which is nobody's midnight. */
export function dayOf(day: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}
