/**
 * The tabs of one device that have a page open: each holds a lock for as long as it lives, so
 * that another one learns of its end from the browser, however it ended.
 */
import { uuidv7 } from "./ids.ts";

export interface Tabs {
  /** Names this page, until it is reloaded. */
  readonly tab_id: string;
  /**
   * Runs `work` once another tab is gone, and in no two tabs at once. A browser without locks
   * cannot tell: there it counts as gone, and what is said twice counts once at the server.
   */
  whenGone(tab_id: string, work: () => void, signal: AbortSignal): void;
}

const lockOf = (tab_id: string): string => `setroom:tab:${tab_id}`;

/** Tabs by Web Locks. */
export function browserTabs(locks: LockManager | undefined = lockManager()): Tabs {
  const tab_id = uuidv7();
  // Held until the page is gone.
  locks?.request(lockOf(tab_id), () => new Promise<never>(() => undefined)).catch(() => undefined);
  return {
    tab_id,
    whenGone: (other_id, work, signal) => {
      if (locks === undefined) {
        queueMicrotask(() => {
          if (!signal.aborted) work();
        });
        return;
      }
      locks.request(lockOf(other_id), { signal }, () => work()).catch(() => undefined);
    },
  };
}

let ours: Tabs | undefined;

/** This page's, made when first asked for. */
export function thisTab(): Tabs {
  ours ??= browserTabs();
  return ours;
}

function lockManager(): LockManager | undefined {
  return (globalThis.navigator as Navigator | undefined)?.locks as LockManager | undefined;
}
