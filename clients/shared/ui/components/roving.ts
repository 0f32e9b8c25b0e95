/** Moving among items by keys: one tab stop for all of them (WAI-ARIA, roving tabindex). */

/** How the items lie: arrows across follow the direction of writing. */
export type Lie = "row" | "column";

type Pressed = Pick<KeyboardEvent, "key"> & { currentTarget: EventTarget | null };

/** Where a key goes from the item `at`, around the ends; `null` for other keys. */
export function stepOf(event: Pressed, at: number, count: number, lie: Lie): number | null {
  if (count === 0) return null;
  switch (event.key) {
    case "Home":
      return 0;
    case "End":
      return count - 1;
    case lie === "row" ? "ArrowRight" : "ArrowDown":
      return around(at + (lie === "row" && isRightToLeft(event.currentTarget) ? -1 : 1), count);
    case lie === "row" ? "ArrowLeft" : "ArrowUp":
      return around(at - (lie === "row" && isRightToLeft(event.currentTarget) ? -1 : 1), count);
    default:
      return null;
  }
}

function around(at: number, count: number): number {
  return (at + count) % count;
}

function isRightToLeft(target: EventTarget | null): boolean {
  return target !== null && target instanceof Element && getComputedStyle(target).direction === "rtl";
}
