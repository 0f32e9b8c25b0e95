/** The key of something that is to be made once, however often it has to be said. */
import type { ApiProblem } from "./api.ts";
import { uuidv7 } from "./ids.ts";

export class Once {
  #said = "";
  #key = "";

  /** The key for this body: the same for the same body, until it is `answered`. */
  key(body: unknown): string {
    const said = JSON.stringify(body);
    if (said !== this.#said) {
      this.#said = said;
      this.#key = uuidv7();
    }
    return this.#key;
  }

  /** The server has spoken: what is said next is another thing, even in the same words. */
  answered(): void {
    this.#said = "";
  }
}

/** Whether a problem says for certain that nothing was made: not so where the server failed, or is at it. */
export function isAnswer({ status }: ApiProblem): boolean {
  return status < 500 && status !== 409;
}
