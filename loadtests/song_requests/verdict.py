"""What must be so afterwards, worked out again from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from loadtests.song_requests.wishers import Json
from loadtests.wire.messages import EventMessage

LIMIT = 5
"""Undecided requests of one person: docs/protocol.md, ``song_requests_per_participant``."""


def support_is_what_was_acked(queues: Sequence[list[Json]], expected: Counter[str]) -> list[str]:
    """Upvotes on every node are those that were acknowledged."""
    return [
        f"node {number} says {told.get(one)} for {one}, acknowledged {expected[one]}"
        for number, queue in enumerate(queues)
        for told in [{view["song_request_id"]: view["upvotes"] for view in queue}]
        for one in told.keys() | expected.keys()
        if told.get(one, 0) != expected[one]
    ]


def sql_agrees(counted: dict[str, int], expected: Counter[str]) -> list[str]:
    """So is what SQL counts."""
    return [
        f"SQL counts {counted.get(one, 0)} for {one}, acknowledged {expected[one]}"
        for one in counted.keys() | expected.keys()
        if counted.get(one, 0) != expected[one]
    ]


def order_is_fair(queues: Sequence[list[Json]], arrival: list[str]) -> list[str]:
    """The order worked out again from authors, support and arrival alone."""
    problems = []
    numbers = {one: number for number, one in enumerate(arrival)}
    for number, queue in enumerate(queues):
        ranked = [view for view in queue if "rank" in view]
        if [view["rank"] for view in ranked] != list(range(1, len(ranked) + 1)):
            problems.append(f"ranks on node {number} are not 1, 2, 3…")
        had = Counter(
            view["participant_id"] for view in queue if view["status"] in ("playing", "played")
        )
        places: dict[str, tuple[int, int, int]] = {}
        for view in sorted(
            ranked, key=lambda one: (-one["upvotes"], numbers[one["song_request_id"]])
        ):
            one, who = view["song_request_id"], view["participant_id"]
            places[one] = (had[who], -view["upvotes"], numbers[one])
            had[who] += 1
        if [view["song_request_id"] for view in ranked] != sorted(places, key=places.__getitem__):
            problems.append(f"the order on node {number} is not the fair one")
    if queues[0] != queues[-1]:
        problems.append("the nodes have different queues")
    return problems


def requested(events: Sequence[EventMessage]) -> list[EventMessage]:
    """The requests in the order of their arrival."""
    return [event for event in events if event.name == "song_requested"]


def most_undecided(events: Sequence[EventMessage]) -> int:
    """The most undecided requests that anybody had at any moment."""
    author: dict[str, str] = {}
    undecided: dict[str, set[str]] = {}
    most = 0
    for event in events:
        one = str(event.data.get("song_request_id", ""))
        if event.name == "song_requested":
            author[one] = str(event.data["participant_id"])
        elif event.name != "song_request_marked":
            continue
        own = undecided.setdefault(author[one], set())
        if event.data.get("status", "waiting") in ("waiting", "accepted"):
            own.add(one)
        else:
            own.discard(one)
        most = max(most, len(own))
    return most
