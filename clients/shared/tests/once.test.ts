import { expect, test } from "vitest";
import { ApiProblem } from "../src/api.ts";
import { isAnswer, Once } from "../src/once.ts";

test("what is said again has the same key until it is answered", () => {
  const once = new Once();
  const first = once.key({ title: "Encore?" });
  expect(once.key({ title: "Encore?" })).toBe(first);
  expect(once.key({ title: "What next?" })).not.toBe(first);
  const second = once.key({ title: "Encore?" });
  once.answered();
  expect(once.key({ title: "Encore?" })).not.toBe(second);
});

test("only a refusal is an answer", () => {
  expect(isAnswer(new ApiProblem(422, "invalid", ""))).toBe(true);
  expect(isAnswer(new ApiProblem(409, "still_at_work", ""))).toBe(false);
  expect(isAnswer(new ApiProblem(503, "unavailable", ""))).toBe(false);
});
