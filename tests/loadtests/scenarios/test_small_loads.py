"""Scenarios in their smallest form against a real server: promises are kept, and counted."""

from typing import Any

import pytest

from loadtests.kit.result import Result
from loadtests.kit.run import Plan, run
from loadtests.kit.scenario import Scenario
from loadtests.scenarios import slow_clients
from loadtests.scenarios.editing import Editing, EditingOptions
from loadtests.scenarios.fanout import Fanout, FanoutOptions
from loadtests.scenarios.slow_clients import SlowClients, SlowOptions
from loadtests.scenarios.votes import Votes, VotesOptions


class Silent:
    """Watches nothing."""

    def begin(self, scenario: Any, timeline: Any, watch: Any) -> None: ...
    def phase(self, text: str) -> None: ...
    def started(self, seconds: float) -> None: ...
    def say(self, text: str) -> None: ...
    def end(self) -> None: ...


async def play(server: str, scenario: Scenario[Any, Any, Any], processes: int = 0) -> Result:
    result = await run(scenario, Plan(seed=5, url=server, processes=processes), Silent())
    broken = [f"{check.promise}: {check.detail}" for check in result.checks if not check.held]
    assert result.verdict == "kept", broken
    assert result.checks
    return result


async def test_every_line_reaches_everybody_by_two_generator_processes(server: str) -> None:
    options = FanoutOptions(receivers=12, rate=20.0, seconds=1.0, small_room=3)
    result = await play(server, Fanout(options), processes=2)
    counts = {one.name: one.count for one in result.operations}
    assert counts["line ack"] == 20
    assert counts["line to receiver"] == 20 * 12
    assert [one.number for one in result.generators] == [0, 1]
    assert not result.target.own_server


async def test_votes_are_recounted(server: str) -> None:
    result = await play(server, Votes(VotesOptions(voters=10, rate=60.0, seconds=1.0, rounds=2)))
    assert result.figures["durable votes"] == 60
    assert result.figures["ballots"] == 20


@pytest.mark.parametrize("source", ["friendsforever"])
async def test_replicas_of_a_recorded_session_are_equal(server: str, source: str) -> None:
    options = EditingOptions(source=source, editors=2, readers=1, rate=30.0, seconds=1.0)  # type: ignore[arg-type]
    result = await play(server, Editing(options))
    assert result.figures["edits, friendsforever"] > 20
    assert {one.name for one in result.operations} >= {"edit to everybody", "edit saved"}


async def test_slow_ones_are_closed_and_come_back(server: str, monkeypatch: Any) -> None:
    # How fast the others are depends on who else this machine works for.
    monkeypatch.setattr(slow_clients, "MOVED_MS", 60_000.0)
    options = SlowOptions(fans=30, slow=0.07, rate=250.0, seconds=4.5)
    result = await play(server, SlowClients(options))
    assert result.figures["closed by the node as slow"] == 2
