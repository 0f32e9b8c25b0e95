/** Looks again at what changes by itself, while somebody looks at it. */
import type { Resource } from "@setroom/shared/ui/desk/resource.svelte.ts";

/** Between two looks, in milliseconds. */
export const AGAIN_MS = 2_000;

/** After a look that failed, in milliseconds. */
const AGAIN_AFTER_TROUBLE_MS = 8_000;

/** Loads something again and again for as long as `wanted` says so. Returns what ends it. */
export function lookAgain<Value>(resource: Resource<Value>, wanted: (value: Value) => boolean): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (): void => {
    timer = setTimeout(() => void look(), resource.trouble === null ? AGAIN_MS : AGAIN_AFTER_TROUBLE_MS);
  };
  const look = async (): Promise<void> => {
    const { value } = resource;
    if (!document.hidden && !resource.busy && value !== null && wanted(value)) await resource.load();
    wait();
  };
  wait();
  return () => clearTimeout(timer);
}

/** Loads something now, whenever the person comes back, and again all the while. For `onMount`. */
export function keepLooking<Value>(resource: Resource<Value>): () => void {
  const ends = [resource.watch(), lookAgain(resource, () => true)];
  return () => ends.forEach((end) => end());
}
