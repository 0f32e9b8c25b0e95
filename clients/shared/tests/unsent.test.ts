/** What would be lost when somebody signs out. */
import { expect, it } from "vitest";
import { memoryStorage } from "../src/storage.ts";
import { Outbox } from "../src/outbox.ts";
import { SetlistProgress } from "../src/progress.ts";
import { thisTab } from "../src/tabs.ts";
import { unsentOf } from "../src/unsent.ts";

it("counts what waits in all rooms of an account, and nobody else's", () => {
  const storage = memoryStorage();
  const outbox = (key: string): Outbox =>
    new Outbox({ storage, key: `setroom:outbox:${key}`, tabs: thisTab(), now: () => 0, changed: () => undefined, adopted: () => undefined });
  expect(unsentOf("me", storage)).toBe(0);
  for (const [show, command] of [["one", "a"], ["one", "b"], ["two", "c"]] as const) {
    void outbox(`${show}:me`).add(command, "post_chat", { text: command }).answer.catch(() => undefined);
  }
  void outbox("one:other").add("d", "post_chat", { text: "d" }).answer.catch(() => undefined);
  new SetlistProgress(storage, "setroom:unsaved:one:me").edited(["x", "y"]);
  new SetlistProgress(storage, "setroom:unsaved:one:other").edited(["z"]);
  storage.setItem("setroom:outbox:one:me/refused", "[]");
  storage.setItem("setroom:unsaved:three:me", "no list");
  expect(unsentOf("me", storage)).toBe(5);
  expect(unsentOf("other", storage)).toBe(2);
});
