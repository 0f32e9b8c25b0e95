"""A fault that cannot be played is a row; the others are played, and a later run goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner

from loadtests.faults import night, rows, table
from loadtests.faults.judging import Findings
from loadtests.faults.rows import BEGIN, END, Record, Row
from loadtests.faults.scenarios import PLATFORMS, Fault, Platform
from loadtests.faults.stage import Stage

DOCUMENTED = Path("docs/faults.md")


async def _nothing(_: Stage) -> float:
    return 0.0


def _fault(name: str) -> Fault:
    return Fault(name, f"{name}, in words", _nothing)


class Stages:
    """Counts stages; some do not stand."""

    def __init__(self, *, stand: bool = True) -> None:
        self.made = 0
        self._stand = stand

    @property
    def stand(self) -> Callable[[], AbstractAsyncContextManager[Stage]]:
        return self._one

    @asynccontextmanager
    async def _one(self) -> AsyncIterator[Stage]:
        self.made += 1
        if not self._stand:
            raise ExceptionGroup("both", [FileNotFoundError("no clock library")])
        yield cast(Stage, self)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names in the order in which they are played. "bad" cannot be, "lossy" loses a line."""
    names: list[str] = []

    async def play(stage: Stage, name: str, *_: Any, **__: Any) -> Findings:
        names.append(name)
        if name == "bad":
            raise TimeoutError("nobody came")
        found = Findings(name)
        found.lost += ["a line"] if name == "lossy" else []
        return found

    monkeypatch.setattr(night, "play", play)
    return names


async def _run(platforms: list[Platform], *names: str) -> list[Row]:
    done: list[Row] = []
    known = names or tuple(fault.name for one in platforms for fault in one.faults)
    await table.run(known, 1, lambda _: None, done.append, platforms)
    return done


async def test_what_fails_is_told_and_costs_no_other_row(played: list[str]) -> None:
    good, none = Stages(), Stages(stand=False)
    done = await _run(
        [
            Platform(good.stand, (_fault("first"), _fault("bad"), _fault("lossy"))),
            Platform(none.stand, (_fault("clock"), _fault("other clock"))),
            Platform(good.stand, (_fault("last"),)),
        ]
    )
    assert {row.name: row.outcome for row in done} == {
        "first": "kept",
        "bad": "failed",
        "lossy": "broken",
        "clock": "failed",
        "other clock": "failed",
        "last": "kept",
    }
    assert [row.why for row in done if row.outcome == "failed"] == [
        ("TimeoutError: nobody came",),
        ("FileNotFoundError: no clock library",),
        ("FileNotFoundError: no clock library",),
    ]
    assert played == ["first", "bad", "lossy", "last"]
    assert good.made == 3, "whoever knows in what state a stage is after a failure?"
    assert none.made == table.STAND_TRIES


def test_faults_are_chosen_by_parts_of_their_names() -> None:
    assert table.chosen([], []) == list(table.NAMES)
    assert len(set(table.NAMES)) == len(table.NAMES)
    assert table.chosen(["valkey"], ["valkey-s", "half"]) == [
        "valkey-killed",
        "valkey-away",
        "valkey-cut",
    ]


def test_a_later_run_plays_what_is_not_kept_and_the_exit_code_tells(
    played: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ("first", "bad", "last")
    platforms = [Platform(Stages().stand, tuple(map(_fault, names)))]
    monkeypatch.setattr(table, "NAMES", names)
    monkeypatch.setattr(table.run, "__defaults__", (platforms,))
    file, document = tmp_path / "rows.json", tmp_path / "faults.md"
    document.write_text(f"Before\n{BEGIN}\n| old |\n{END}\nAfter\n")
    arguments = ["--json", str(file), "--document", str(document)]

    first = CliRunner().invoke(table.main, [*arguments, "--seed", "5"])
    assert first.exit_code == 1, first.output
    assert "not kept: bad" in first.output
    second = CliRunner().invoke(table.main, [*arguments, "--resume"])
    assert second.exit_code == 1
    assert played == ["first", "bad", "last", "bad"]
    record = rows.read(file)
    assert record.seed == 5
    assert [row.name for row in record.rows] == list(names)
    written = document.read_text()
    assert written.startswith("Before\n") and written.endswith("After\n")
    assert "| first, in words |" in written and "not played: TimeoutError" in written

    rows.keep(Record(5, "of another version"), file)
    assert CliRunner().invoke(table.main, [*arguments, "--resume"]).exit_code == 2


def test_the_document_holds_a_row_for_every_fault() -> None:
    _, _, rest = DOCUMENTED.read_text().partition(BEGIN)
    of_table, _, _ = rest.partition(END)
    faults = [fault for platform in PLATFORMS for fault in platform.faults]
    assert [fault.what for fault in faults if f"| {fault.what} |" not in of_table] == []
