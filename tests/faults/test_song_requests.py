"""Many people wish for songs at once on two nodes: counted again from outside and by SQL.

The long form, ``python -m loadtests.song_requests``, has 500 people.
"""

from __future__ import annotations

import aiohttp

from loadtests.faults.processes import Command
from loadtests.song_requests import night, verdict
from loadtests.song_requests.__main__ import recount_in
from storage.embedded import EmbeddedStores

PEOPLE = 40


async def test_ranks_are_a_recount_on_both_nodes_and_nobody_is_above_the_limit(
    two_nodes: list[Command], own_stores: EmbeddedStores, http: aiohttp.ClientSession
) -> None:
    findings = await night.play(
        [node.url for node in two_nodes],
        http,
        3,
        people=PEOPLE,
        recount=recount_in(own_stores.postgres.url),
    )
    assert findings.problems == []
    assert findings.requests > PEOPLE
    assert findings.upvotes > findings.requests
    assert findings.outcomes["upvoted"] and findings.outcomes["unclear"]
    assert findings.refused["too_many_song_requests"]
    assert findings.most_undecided == verdict.LIMIT
