/** Ids are UUIDv7 (RFC 9562 §5.7): they sort by the time at which they were minted. */

/** Fills bytes with randomness; `crypto.getRandomValues` outside of tests. */
export type RandomBytes = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const secure: RandomBytes = (bytes) => crypto.getRandomValues(bytes);

/** A UUIDv7 for `now_ms`, milliseconds since 1970. */
export function uuidv7(now_ms: number = Date.now(), random: RandomBytes = secure): string {
  const bytes = random(new Uint8Array(16));
  let rest = now_ms;
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex);
}
