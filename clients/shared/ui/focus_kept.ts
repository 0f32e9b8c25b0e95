/** Focus that is not lost with what had it. */

/**
 * Keeps the focus inside an area when the element that has it leaves the page: a held line that is
 * posted, a button that gives way to an answer. The nearest part around it takes the focus, and no
 * button does, or a key that is still held down would press it.
 */
export function focusKept(area: HTMLElement): () => void {
  let around: readonly HTMLElement[] = [];
  let held: Element | null = null;

  function focused(event: FocusEvent): void {
    held = event.target as Element;
    around = partsAround(held, area);
  }

  function looked(): void {
    const lost = held !== null && !held.isConnected && document.activeElement === document.body;
    if (!lost) return;
    held = null;
    const part = around.find((one) => one.isConnected) ?? area;
    if (!part.hasAttribute("tabindex")) part.tabIndex = -1;
    part.focus({ preventScroll: true });
  }

  const watcher = new MutationObserver(looked);
  watcher.observe(area, { childList: true, subtree: true });
  area.addEventListener("focusin", focused);
  return () => {
    watcher.disconnect();
    area.removeEventListener("focusin", focused);
  };
}

/** Parts of the page with a name of their own, from the inside out. */
function partsAround(element: Element, area: HTMLElement): readonly HTMLElement[] {
  const parts: HTMLElement[] = [];
  for (let one = element.parentElement; one !== null && one !== area; one = one.parentElement) {
    if (one.matches("section, article, fieldset, [role=tabpanel], [role=region], [role=group]")) parts.push(one);
  }
  return parts;
}
