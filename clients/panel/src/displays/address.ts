/** A display's address: its id in the path, its token behind `#`. */

export interface DisplayAddress {
  display_id: string;
  token: string;
}

/** What the address says; `null` where it has no token. */
export function readAddress(path: string, hash: string): DisplayAddress | null {
  const display_id = path.split("/").filter(Boolean).at(-1) ?? "";
  const token = decodeURIComponent(hash.replace(/^#/, ""));
  return display_id && token ? { display_id, token } : null;
}
