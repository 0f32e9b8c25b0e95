/** What keeps a display a display: it does not sleep, shows no cursor, and fills the screen. */

/** A cursor that has not moved for so long is hidden, in milliseconds. */
const CURSOR_SHOWN_MS = 2_500;

/** Keeps the device from dimming, as far as the browser lets us; taken again after a sleep. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let wanted = true;

  async function take(): Promise<void> {
    if (!wanted || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch {
      lock = null; // a low battery, or a browser that wants a tap first: the next tap tries again
    }
  }

  const again = (): void => void (lock === null || lock.released ? take() : undefined);
  document.addEventListener("visibilitychange", again);
  document.addEventListener("pointerdown", again);
  void take();
  return () => {
    wanted = false;
    document.removeEventListener("visibilitychange", again);
    document.removeEventListener("pointerdown", again);
    void lock?.release();
  };
}

/** Marks the page with `data-cursor="off"` while nobody moves the mouse. */
export function hideCursor(root: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hide = (): void => void (root.dataset.cursor = "off");
  const moved = (): void => {
    delete root.dataset.cursor;
    clearTimeout(timer);
    timer = setTimeout(hide, CURSOR_SHOWN_MS);
  };
  document.addEventListener("pointermove", moved);
  moved();
  return () => {
    clearTimeout(timer);
    document.removeEventListener("pointermove", moved);
    delete root.dataset.cursor;
  };
}

/** Fills the screen, or leaves it. Browsers only take this from a tap or a key. */
export async function toggleFullscreen(): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  } catch {
    // The browser does not let pages do so, as on a phone: the page stays as it is.
  }
}
