/** Waiting that can be ended. */

/** Resolves after `duration_ms`; rejects when the signal ends it. */
export function pause(duration_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Error("stopped"));
    };
    if (signal.aborted) {
      reject(new Error("stopped"));
      return;
    }
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, duration_ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
