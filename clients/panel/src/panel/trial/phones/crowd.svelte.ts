/** A crowd of phones: joins and votes within seconds, a few at a time. */
import { uuidv7, type PhoneView, type RoundView } from "@setroom/shared";
import { codeOf } from "./quick_replies.ts";
import type { PhonesDesk } from "./phones_desk.svelte.ts";

/** Phones that text at the same moment. */
const AT_ONCE = 5;
/** How long all of them take for one text each, about, in milliseconds. */
const SPREAD_MS = 9_000;

export type Phase = "resting" | "gathering" | "joining" | "voting" | "done" | "stopped";

export class Crowd {
  phase = $state<Phase>("resting");
  total = $state(0);
  joined = $state(0);
  voted = $state(0);
  failed = $state(0);
  /** Texts of this phase that are through. */
  done = $state(0);
  /** Whether there was a round to vote in. */
  had_round = $state(true);
  readonly #own: PhonesDesk;
  #stop = false;

  constructor(own: PhonesDesk) {
    this.#own = own;
  }

  get busy(): boolean {
    return this.phase === "gathering" || this.phase === "joining" || this.phase === "voting";
  }

  stop(): void {
    this.#stop = true;
  }

  /**
   * Lets so many phones join and vote; what cannot begin is thrown, what fails on the way counted.
   *
   * @param round asked for when all have joined: it may have been opened meanwhile
   */
  async run(count: number, name: string, code: string, round: () => RoundView | null): Promise<void> {
    this.#stop = false;
    [this.total, this.joined, this.voted, this.failed] = [count, 0, 0, 0];
    this.phase = "gathering";
    try {
      const phones = await this.#own.gather(count, name);
      this.phase = "joining";
      this.joined = await this.#all(phones, () => `JOIN ${code}`);
      const open = round();
      this.had_round = open !== null;
      if (open !== null && !this.#stop) {
        this.phase = "voting";
        const liked = tasteFor(open);
        this.voted = await this.#all(phones, () => codeOf(open, pick(liked)));
      }
      this.phase = this.#stop ? "stopped" : "done";
    } catch (error) {
      this.phase = "resting";
      throw error;
    }
  }

  /** One text from every phone; how many were answered. */
  async #all(phones: readonly PhoneView[], textOf: () => string): Promise<number> {
    const waiting = shuffled(phones);
    let answered = 0;
    this.done = 0;
    const between_ms = (SPREAD_MS * AT_ONCE) / Math.max(1, phones.length);
    const work = async (): Promise<void> => {
      for (let phone = waiting.pop(); phone !== undefined && !this.#stop; phone = waiting.pop()) {
        const began = performance.now();
        if (await this.#say(phone, textOf())) answered += 1;
        else this.failed += 1;
        this.done += 1;
        await after(between_ms * (0.5 + Math.random()) - (performance.now() - began));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return answered;
  }

  async #say(phone: PhoneView, text: string): Promise<boolean> {
    try {
      const [said] = await this.#own.say(phone, text, uuidv7());
      return said?.error_code === null;
    } catch {
      return false;
    }
  }
}

/** How a crowd likes the options: one of them better than the others. */
function tasteFor(round: RoundView): readonly number[] {
  const liked = round.config.options.map(() => 0.3 + Math.random());
  const best = Math.floor(Math.random() * liked.length);
  return liked.map((weight, at) => (at === best ? weight + 1 : weight));
}

function pick(weights: readonly number[]): number {
  const sum = weights.reduce((all, one) => all + one, 0);
  let left = Math.random() * sum;
  return Math.max(0, weights.findIndex((weight) => (left -= weight) <= 0));
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items.map((item) => ({ item, at: Math.random() })).toSorted((one, other) => one.at - other.at).map(({ item }) => item);
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
