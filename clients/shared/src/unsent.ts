/** What this device still has to send for somebody, in whichever room. */
import type { KeyValueStorage } from "./storage.ts";

/**
 * How many commands and entries of an account wait in all rooms. What was sent and awaits its answer
 * counts as well: whether it was done nobody here knows.
 */
export function unsentOf(account_id: string, storage: KeyValueStorage): number {
  let unsent = 0;
  for (let at = 0; at < storage.length; at += 1) {
    const key = storage.key(at) ?? "";
    // `setroom:outbox:{show}:{account}:{command}`, one each; `…/refused` waits for nobody.
    if (key.startsWith("setroom:outbox:") && key.includes(`:${account_id}:`)) unsent += 1;
    // `setroom:unsaved:{show}:{account}`: ids of entries.
    else if (key.startsWith("setroom:unsaved:") && key.endsWith(`:${account_id}`)) unsent += entriesIn(storage.getItem(key));
  }
  return unsent;
}

function entriesIn(text: string | null): number {
  try {
    const ids: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(ids) ? ids.length : 0;
  } catch {
    return 0;
  }
}
