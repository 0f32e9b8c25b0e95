"""``kill -9`` of everything under load: what was promised is there after the restart, once."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from loadtests.faults.kill9 import Kill9, Report
from storage.embedded import running_stores

ROUNDS = 2
"""The long form, ``python -m loadtests.faults.kill9``, kills a hundred times."""
CLIENTS = 20

RECOUNTS = {
    "an event is missing": """
        SELECT count(*) FROM rooms r WHERE r.seq <>
        (SELECT count(*) FROM room_events e WHERE e.show_id = r.show_id)""",
    "a chat line is there twice": """
        SELECT count(*) FROM (SELECT 1 FROM room_events WHERE name = 'chat_posted'
        GROUP BY show_id, data->>'text' HAVING count(*) > 1) doubled""",
    "a tally does not count its ballots": """
        SELECT count(*) FROM (
          SELECT round_id, pattern, voter_class, count(*)::int AS ballots FROM ballots
          WHERE pattern <> '' GROUP BY 1, 2, 3
          EXCEPT SELECT round_id, pattern, voter_class, ballots FROM tallies
        ) different""",
    "a result does not count its ballots": """
        SELECT count(*) FROM rounds r WHERE r.result IS NOT NULL AND (r.result->>'voters')::int <>
        (SELECT count(*) FROM ballots b WHERE b.round_id = r.id AND b.pattern <> '')""",
}


async def test_every_promise_is_kept_over_a_kill_of_the_whole_server(data_dir: Path) -> None:
    async with Kill9(data_dir, seed=11, clients=CLIENTS) as rig:
        report = await rig.run(ROUNDS)
        await _recount(data_dir, report)
    assert report.problems == []
    assert all(kill.killed >= 5 for kill in report.rounds)
    assert sum(kill.votes for kill in report.rounds) >= CLIENTS // 2
    assert sum(kill.chat_lines for kill in report.rounds) >= 5
    assert sum(kill.edits for kill in report.rounds) >= 5


async def _recount(data_dir: Path, report: Report) -> None:
    """The same again in SQL, past everything that the server might make up."""
    stores = running_stores(data_dir)
    assert stores is not None
    connection = await asyncpg.connect(stores.database_url)
    try:
        for wrong, statement in RECOUNTS.items():
            assert await connection.fetchval(statement) == 0, wrong
        lines = await connection.fetchval(
            "SELECT count(*) FROM room_events "
            "WHERE name = 'chat_posted' AND show_id::text = any($1)",
            report.shows,
        )
        assert lines >= sum(kill.chat_lines for kill in report.rounds)
    finally:
        await connection.close()
