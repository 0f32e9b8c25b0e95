/** Time zones, and the days and times of their places. */

/** Countries with people in them (ISO 3166-1 alpha-2). */
export const COUNTRIES: readonly string[] = (
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ " +
  "BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO " +
  "DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT " +
  "GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR " +
  "KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS " +
  "MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR " +
  "PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY " +
  "SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU " +
  "WF WS YE YT ZA ZM ZW"
).split(" ");

/** All time zones, by their names in the IANA database. */
export function allZones(): readonly string[] {
  return Intl.supportedValuesOf("timeZone");
}

/** The zone that this device is in. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Minutes that a zone is ahead of UTC at a moment. */
export function offsetOf(zone: string, at_ms: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at_ms);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  const there_ms = Date.UTC(
    part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"),
  );
  return Math.round((there_ms - Math.floor(at_ms / 1000) * 1000) / 60_000);
}

/**
 * A day and a time of a place, as RFC 3339 with the place's offset; `null` if there is no such
 * time, because the clocks go forward over it or it is not written out. Of a time that comes twice,
 * the first.
 */
export function momentOf(date: string, time: string, zone: string): string | null {
  const wall_ms = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(wall_ms)) return null;
  const day_ms = 86_400_000;
  const offsets = [offsetOf(zone, wall_ms - day_ms), offsetOf(zone, wall_ms + day_ms)];
  const offset = offsets.find((minutes) => offsetOf(zone, wall_ms - minutes * 60_000) === minutes);
  return offset === undefined ? null : `${date}T${time}:00${offsetText(offset)}`;
}

/** The day and the time of a place at a moment, as a form's fields hold them. */
export function wallClock(timestamp: string, zone: string): { date: string; time: string } {
  const at_ms = Date.parse(timestamp);
  const there = new Date(at_ms + offsetOf(zone, at_ms) * 60_000).toISOString();
  return { date: there.slice(0, 10), time: there.slice(11, 16) };
}

/** `+02:00`, from minutes. */
function offsetText(minutes: number): string {
  const whole = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(whole / 60))}:${two(whole % 60)}`;
}
