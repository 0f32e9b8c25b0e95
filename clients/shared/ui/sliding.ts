/**
 * Rows that slide to their new places when the order of a list changed.
 *
 * Measured only then: a list that measures itself at every change has no time for fingers.
 */

const CALM_MS = 220;

/** Notes where the rows (`[data-row]`) are. Call what it returns once they are where they go. */
export function slid(list: HTMLElement | undefined): (() => void) | null {
  if (list === undefined || matchMedia("(prefers-reduced-motion: reduce)").matches) return null;
  if (!list.checkVisibility()) return null;
  const before = new Map(rowsOf(list).map((row) => [row.dataset.row, row.getBoundingClientRect().top]));
  return () => {
    for (const row of rowsOf(list)) {
      const from_px = before.get(row.dataset.row);
      if (from_px === undefined) continue;
      const across_px = from_px - row.getBoundingClientRect().top;
      if (Math.abs(across_px) < 1 || Math.abs(across_px) > innerHeight) continue;
      const frames = [{ translate: `0 ${String(across_px)}px` }, { translate: "0 0" }];
      row.animate(frames, { duration: CALM_MS, easing: "cubic-bezier(0.2, 0, 0, 1)" });
    }
  };
}

function rowsOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[data-row]")];
}
