"""A broadcast reaches everybody once, whoever dies on the way."""

from __future__ import annotations

from pathlib import Path

from loadtests.broadcasts.drill import Drill

RECIPIENTS = 120
"""The long form, ``python -m loadtests.broadcasts``, has 20,000 and three kills."""
KILLS = 2


async def test_everybody_gets_it_once_while_workers_die_and_answers_are_lost(
    data_dir: Path,
) -> None:
    async with Drill(data_dir, RECIPIENTS, seed=28, per_second=100) as drill:
        report = await drill.run(KILLS)

    assert report.problems == []
    assert len(report.kills) == KILLS
    assert all(0 < taken < RECIPIENTS for taken in report.kills)
    assert report.looked_up > 0, "nothing was in doubt: this shows nothing"
    assert report.refused > 0, "the carrier never had too many: this shows nothing"
