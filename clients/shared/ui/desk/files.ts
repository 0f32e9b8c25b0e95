/** Files that are fetched with the session's token and handed to the person. */
import type { Api } from "@setroom/shared";

/** How long a file's address is kept for a browser that is slow to save it, in milliseconds. */
const KEPT_MS = 60_000;

/** Fetches a file and has the browser save it. @throws ApiProblem */
export async function download(api: Api, path: string, name: string): Promise<void> {
  save(await api.file(path), name);
}

/** Has the browser save a file. */
export function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/** A small image as an address that a page may show (`data:`). */
export async function asDataUrl(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return `data:${file.type};base64,${btoa(text)}`;
}
