/** Addresses that open a phone's own app for texts, with everything filled in. */

/** `+1 201 555 0100` as `+12015550100`. */
export function dialled(printed: string): string {
  return printed.replace(/[^\d+]/g, "");
}

/**
 * For a link (RFC 5724). iOS wants the `&` and Android bears it, which no RFC says.
 *
 * @param printed the number as people write it
 */
export function smsLink(printed: string, text: string): string {
  return `sms:${dialled(printed)}?&body=${encodeURIComponent(text)}`;
}

/** For a QR code: what cameras of both know. */
export function smsCode(printed: string, text: string): string {
  return `SMSTO:${dialled(printed)}:${text}`;
}
