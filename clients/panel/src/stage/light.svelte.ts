/** Which light a stage's tablet shows in; this device remembers. */
import { browserStorage, readJson, writeJson } from "@setroom/shared";

const KEY = "setroom:stage_red";
const isSwitch = (value: unknown): value is boolean => typeof value === "boolean";

class Light {
  #red = $state(readJson(browserStorage(), KEY, isSwitch, false));

  get red(): boolean {
    return this.#red;
  }

  /** Red, or back to the usual. */
  readonly toggle = (): void => {
    this.#red = !this.#red;
    writeJson(browserStorage(), KEY, this.#red);
  };
}

export const light = new Light();
