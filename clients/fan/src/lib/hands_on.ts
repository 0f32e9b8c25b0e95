/** Focus for what comes after. */
import { tick } from "svelte";

/**
 * A part that goes with its work done, such as the button to enter: whoever pressed it by key goes
 * on at the room's tabs, which came in its place.
 */
export function handsOn(): () => void {
  return () => {
    void tick().then(() => {
      if (document.activeElement !== document.body) return;
      document.querySelector<HTMLElement>(".dock .tab")?.focus({ preventScroll: true });
    });
  };
}
