"""Faults one after the other in one night: nothing is lost, nothing doubled, all is well again.

The long form, ``python -m loadtests.faults.table``, plays thirty of them, each by itself: stops,
outages, black holes, half-open lines, full disks and skewed clocks are played there alone.
"""

from __future__ import annotations

from loadtests.faults import disturbances as do
from loadtests.faults import night
from loadtests.faults.proxy import Way
from loadtests.faults.stage import Stage, set_up


async def _one_after_the_other(stage: Stage) -> float:
    """Lines are cut in the middle of whatever passes, and both stores are killed."""
    for seat in stage.seats:
        seat.clients.cut_after(700, Way.DOWN)
        seat.database.cut_after(300, Way.UP)
        seat.database.cut_after(900, Way.DOWN)
        seat.carrier.cut_after(200, Way.UP)
    await do.killed(do.valkey)(stage)
    return await do.killed(do.postgres)(stage)


async def test_what_was_acknowledged_survives_a_night_of_faults() -> None:
    async with set_up() as stage:
        found = await night.play(stage, "all", _one_after_the_other, 3, workers=3, phones=1)
        assert found.broken == []
        assert found.promised > 20
        assert stage.postgres.starts == stage.valkey.starts == 2
        seen = found.sightings
        # They were told: sockets ended, calls were refused for now, or answers took their time.
        assert seen.closes or seen.rejects or seen.http or seen.waited_s > 0.5
        assert not seen.final
