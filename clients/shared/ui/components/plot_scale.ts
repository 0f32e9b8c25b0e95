/** From times and values to places in a drawing, and the round numbers beside its axes. */

export interface Sample {
  /** Milliseconds since 1970. */
  at_ms: number;
  /** `null`: nobody knows; the line is broken there. */
  value: number | null;
}

export interface Series {
  id: string;
  label: string;
  samples: readonly Sample[];
}

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Scale {
  x: (at_ms: number) => number;
  y: (value: number) => number;
  from_ms: number;
  to_ms: number;
  /** The value at the top. */
  top: number;
}

const LOCAL_PARTS = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
const MINUTE_MS = 60_000;
/** What people count time in, from a minute to a day. */
const TIME_STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((n) => n * MINUTE_MS);
const VALUE_STEPS = [1, 2, 5];

/** A scale from zero to a round number above everything. `null` without any sample. */
export function scaleOf(series: readonly Series[], frame: Frame, ticks: number): Scale | null {
  const samples = series.flatMap((one) => one.samples);
  if (samples.length === 0) return null;
  let [from_ms, to_ms, most] = [Infinity, -Infinity, 0];
  for (const { at_ms, value } of samples) {
    from_ms = Math.min(from_ms, at_ms);
    to_ms = Math.max(to_ms, at_ms);
    most = Math.max(most, value ?? 0);
  }
  const step = valueStep(most, ticks);
  const top = Math.max(step, Math.ceil(most / step) * step);
  const span_ms = Math.max(1, to_ms - from_ms);
  const across = frame.width - frame.left - frame.right;
  const down = frame.height - frame.top - frame.bottom;
  return {
    x: (at_ms) => frame.left + ((at_ms - from_ms) / span_ms) * across,
    y: (value) => frame.top + (1 - value / top) * down,
    from_ms,
    to_ms,
    top,
  };
}

/** Round whole values from 0 to `top`, at most about `count` of them. */
export function valueTicks(top: number, count: number): readonly number[] {
  const step = valueStep(top, count);
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, at) => at * step);
}

function valueStep(most: number, count: number): number {
  for (let power = 1; ; power *= 10) {
    const step = VALUE_STEPS.find((digit) => most / (digit * power) <= count);
    if (step !== undefined) return step * power;
  }
}

/** Round local times within a span. `offset_ms`: what local time is ahead of UTC. */
export function timeTicks(from_ms: number, to_ms: number, count: number, offset_ms = 0): readonly number[] {
  const span_ms = to_ms - from_ms;
  const last = TIME_STEPS_MS.at(-1) ?? MINUTE_MS;
  const step = TIME_STEPS_MS.find((ms) => span_ms / ms <= count) ?? Math.ceil(span_ms / count / last) * last;
  const first = Math.ceil((from_ms + offset_ms) / step) * step - offset_ms;
  const ticks: number[] = [];
  for (let at = first; at <= to_ms; at += step) ticks.push(at);
  return ticks;
}

/** What local time is ahead of UTC at a moment, in milliseconds; without a zone, this device's. */
export function offsetOf(at_ms: number, zone?: string): number {
  if (zone === undefined) return -new Date(at_ms).getTimezoneOffset() * MINUTE_MS;
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...LOCAL_PARTS }).formatToParts(at_ms);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const local_ms = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"));
  return local_ms - Math.floor(at_ms / MINUTE_MS) * MINUTE_MS;
}

/** An SVG path through the samples, broken where nobody knows. */
export function lineOf(samples: readonly Sample[], scale: Scale): string {
  let pen = "M";
  let path = "";
  for (const { at_ms, value } of samples) {
    if (value === null) {
      pen = "M";
      continue;
    }
    path += `${pen}${scale.x(at_ms).toFixed(1)} ${scale.y(value).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

/** The sample nearest to a moment; `null` without samples. */
export function nearest(samples: readonly Sample[], at_ms: number): Sample | null {
  let best: Sample | null = null;
  for (const sample of samples) {
    const nearer = best === null || Math.abs(sample.at_ms - at_ms) < Math.abs(best.at_ms - at_ms);
    if (nearer) best = sample;
  }
  return best;
}
