/** The service worker of this page, and whether a newer version of the app waits behind it. */
import { keepDrafts } from "./drafts.ts";

/** A page that stays open looks for a new version at most so often, in milliseconds. */
const LOOK_EVERY_MS = 60 * 60_000;

export class AppVersion {
  /** A newer version is ready. It takes over when the person says so. */
  waiting = $state(false);
  #registration: ServiceWorkerRegistration | null = null;
  #taking = false;
  #looked_at_ms = performance.now();

  /** Registers the worker. A browser without workers goes on without. */
  async register(): Promise<void> {
    const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (workers === undefined) return;
    const controlled = workers.controller !== null;
    try {
      this.#registration = await workers.register("/sw.js", { updateViaCache: "none" });
    } catch {
      return;
    }
    const registration = this.#registration;
    if (registration.waiting !== null && controlled) this.waiting = true;
    registration.addEventListener("updatefound", () => this.#follow(registration.installing));
    workers.addEventListener("controllerchange", () => this.#changed(controlled));
    const { active } = await workers.ready;
    const { connection } = navigator as { connection?: { saveData?: boolean } };
    if (connection?.saveData !== true) active?.postMessage("keep_parts");
  }

  /** The person looks at the page: a good moment to look for a new version. */
  look(): void {
    if (performance.now() - this.#looked_at_ms < LOOK_EVERY_MS) return;
    this.#looked_at_ms = performance.now();
    this.#registration?.update().catch(() => undefined);
  }

  /** Not now: it is offered again by the next page. */
  later(): void {
    this.waiting = false;
  }

  /** Takes the new version into use. What waits, and what is half written, outlives it. */
  takeOver(): void {
    this.#taking = true;
    const next = this.#registration?.waiting;
    if (next) next.postMessage("take_over");
    else this.#reload(); // another tab was faster
  }

  #follow(worker: ServiceWorker | null): void {
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && navigator.serviceWorker.controller !== null) this.waiting = true;
    });
  }

  #changed(controlled: boolean): void {
    // The first worker of all takes over a page of its own version.
    if (this.#taking) this.#reload();
    else if (controlled) this.waiting = true;
  }

  #reload(): void {
    keepDrafts();
    location.reload();
  }
}
