/** Where a menu goes beside its button: below if there is room, and never outside the window. */

const MARGIN_PX = 8;
const GAP_PX = 4;

export interface Place {
  left: number;
  top: number;
}

type Box = Pick<DOMRect, "left" | "right" | "top" | "bottom">;
type Size = { width: number; height: number };

/** All in CSS pixels of the window. `fromRight`: its right edge is the button's. */
export function placeOf(button: Box, menu: Size, window: Size, fromRight: boolean): Place {
  const below = button.bottom + GAP_PX;
  const fits = below + menu.height + MARGIN_PX <= window.height;
  const left = fromRight ? button.right - menu.width : button.left;
  return {
    left: within(left, menu.width, window.width),
    top: within(fits ? below : button.top - GAP_PX - menu.height, menu.height, window.height),
  };
}

function within(start: number, length: number, whole: number): number {
  return Math.max(MARGIN_PX, Math.min(start, whole - length - MARGIN_PX));
}
