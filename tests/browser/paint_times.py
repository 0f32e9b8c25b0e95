"""How long a page takes to answer a finger: main-thread time from an input to the paint after it.

The wall clock of a busy machine says little about a page. The processor time of the page's main
thread, from a trace of Chromium's, says what a phone would have to do; it is what is bounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from playwright.sync_api import CDPSession, Page

CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
LOOK_MS = 300
"""A person looks before the next tap."""


WORK = """() => {
  const began = performance.now();
  let text = "";
  for (let n = 0; n < 40_000; n += 1) text = (text + String.fromCharCode(97 + (n % 26))).slice(-40);
  return [began, performance.now(), text.length];
}"""
"""A fixed piece of work, of some milliseconds: how long it takes tells how busy the machine is."""

AWAKE = """() => {
  const beat = document.createElement("i");
  beat.style.cssText = "position: fixed; inset: 0 auto auto 0; width: 9px; height: 9px";
  beat.style.background = "#8888";
  document.body.append(beat);
  beat.animate([{rotate: "0deg"}, {rotate: "360deg"}], {duration: 1000, iterations: Infinity});
}"""
"""Chromium without a graphics processor skips the first picture after a rest: what it should show
comes with the one after, however long the page works on that, and the clock tells of the second.
Where the compositor always has something to do it skips none. It costs the page itself nothing."""

WORK_EVERY = 6
"""It is done once after so many things that a person does."""


@dataclass(frozen=True)
class Answer:
    """One interaction: both in milliseconds."""

    cpu_ms: float
    wall_ms: float


@dataclass
class PaintTimes:
    """Answers by kind of interaction."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)

    def add(self, kind: str, answer: Answer) -> None:
        self.answers.setdefault(kind, []).append(answer)

    def cpu_ms(self, share: float, kind: str | None = None) -> float:
        """The processor time that this share of the interactions kept to, in milliseconds."""
        return _at(share, [answer.cpu_ms for answer in self._of(kind)])

    def wall_ms(self, share: float, kind: str | None = None) -> float:
        """The same by the wall clock."""
        return _at(share, [answer.wall_ms for answer in self._of(kind)])

    def _of(self, kind: str | None) -> list[Answer]:
        if kind is not None:
            return self.answers[kind]
        return [answer for answers in self.answers.values() for answer in answers]

    def lightened(self, burden: float) -> None:
        """Takes out of the processor times what the machine's other work added."""
        for kind, answers in self.answers.items():
            self.answers[kind] = [
                replace(answer, cpu_ms=answer.cpu_ms / burden) for answer in answers
            ]

    def report(self) -> str:
        """A table: a line for each kind, and one for all."""
        lines = [f"{'interaction':24} {'n':>3} {'cpu 50%':>8} {'cpu 98%':>8} {'wall 50%':>9} 98%"]
        for kind in (*self.answers, None):
            cpu = f"{self.cpu_ms(0.5, kind):8.0f} {self.cpu_ms(0.98, kind):8.0f}"
            wall = f"{self.wall_ms(0.5, kind):9.0f} {self.wall_ms(0.98, kind):.0f}"
            lines += [f"{kind or 'all':24} {len(self._of(kind)):3} {cpu} {wall}"]
        return "\n".join(lines)


def _at(share: float, values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Tracer:
    """Traces a page while it is used: `do` is called for each thing that a person does."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._events: list[dict[str, Any]] = []
        self._begun: list[tuple[float, str]] = []
        self._works: list[tuple[float, float]] = []
        self._ended = False
        self._alone_ms = min(end - begin for begin, end in (self._work() for _ in range(20)))
        self.burden = Answer(1.0, 1.0)
        """How many times longer work took than it should, for the processor and by the clock."""
        self._session.on("Tracing.dataCollected", lambda data: self._events.extend(data["value"]))
        self._session.on("Tracing.tracingComplete", self._complete)

    def _complete(self, _: object) -> None:
        self._ended = True

    def do(self, kind: str, step: Callable[[], object]) -> None:
        """Does one thing, and gives the page time to answer before the next one."""
        self._begun.append((self._page.evaluate("performance.now()"), kind))
        step()
        self._page.wait_for_timeout(LOOK_MS)
        if len(self._begun) % WORK_EVERY == 0:
            self._works.append(self._work())

    def _work(self) -> tuple[float, float]:
        begin_ms, end_ms, _ = self._page.evaluate(WORK)
        return begin_ms, end_ms

    @contextmanager
    def traced(self, times: PaintTimes, *, rate: int) -> Iterator[Tracer]:
        """Adds to ``times`` what was done in the block, on a page that is slowed ``rate`` times."""
        self._page.evaluate(AWAKE)
        config = {"includedCategories": CATEGORIES, "recordMode": "recordUntilFull"}
        self._session.send("Tracing.start", {"traceConfig": config, "transferMode": "ReportEvents"})
        yield self
        self._session.send("Tracing.end")
        while not self._ended:
            self._page.wait_for_timeout(50)
        for kind, answer in self._answers():
            times.add(kind, answer)
        self.burden = self._burden(rate)

    def _burden(self, rate: int) -> Answer:
        """What the machine's other work adds to the work of this page; from 1."""
        timing = next(event for event in self._events if event["name"] == "EventTiming")
        zero_us = timing["ts"] - timing["args"]["data"]["timeStamp"] * 1000
        usual_ms = self._alone_ms * rate
        cpu_ms = [
            self._cpu_us(timing["pid"], timing["tid"], zero_us + begin * 1000, zero_us + end * 1000)
            / 1000
            for begin, end in self._works
        ]
        wall_ms = [end - begin for begin, end in self._works]
        return Answer(max(1.0, median(cpu_ms) / usual_ms), max(1.0, median(wall_ms) / usual_ms))

    def _answers(self) -> Iterator[tuple[str, Answer]]:
        """Of each interaction, as Chromium counts them: a tap, a key."""
        interactions: dict[int, list[dict[str, Any]]] = {}
        for event in self._events:
            if event["name"] == "EventTiming" and event["ph"] == "b":
                number = event["args"]["data"]["interactionId"]
                if number and event["args"]["data"].get("commitFinishTime"):
                    interactions.setdefault(number, []).append(event)
        for events in interactions.values():
            first = min(events, key=lambda event: event["ts"])
            data = [event["args"]["data"] for event in events]
            begin_ms = min(one["timeStamp"] for one in data)
            painted_ms = max(one["commitFinishTime"] for one in data)
            kind = [kind for at_ms, kind in self._begun if at_ms <= begin_ms][-1]
            end = first["ts"] + (painted_ms - begin_ms) * 1000
            cpu_us = self._cpu_us(first["pid"], first["tid"], first["ts"], end)
            yield kind, Answer(cpu_us / 1000, max(one["duration"] for one in data))

    def _cpu_us(self, pid: int, tid: int, begin_us: float, end_us: float) -> float:
        """What a thread worked in a span of time. Of a task that reaches beyond: its part."""
        total = 0.0
        for task in self._events:
            if task["name"] != "RunTask" or "dur" not in task:
                continue
            if (task["pid"], task["tid"]) != (pid, tid):
                continue
            inside = min(end_us, task["ts"] + task["dur"]) - max(begin_us, task["ts"])
            if inside > 0 and task["dur"] > 0:
                total += task.get("tdur", 0) * min(1.0, inside / task["dur"])
        return total
