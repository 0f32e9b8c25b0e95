"""Bugs to be found: each changes one thing in the product, as somebody might by mistake.

A simulation that finds nothing may be one that sees nothing. Each of these is planted alone; the
nights that find nothing without it have to find it (``tests/simulation/test_planted_bugs.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as replace_plan
from typing import Any
from unittest.mock import patch

import rooms.decide.setlist
import rooms.decide.terms
import rooms.decide.votes
import rooms.state_views
from rooms import limits
from rooms.ahead import BallotsAfter
from rooms.fanout.holding import Held
from rooms.fanout.hub import Hub
from rooms.fanout.lanes import Lane
from rooms.healing import Healing
from rooms.late_turns import LateTurns
from rooms.replica import Replica
from rooms.room import Room
from rooms.sessions.saved import SavedCount
from rooms.turns import Turns
from storage.rooms.memory_room import MemoryRoom
from tests.simulation import bugs
from tests.simulation.plan import Plan, plan_of


@dataclass(frozen=True)
class Bug:
    """One of them.

    Attributes:
        place: what is replaced: an object and the name of its attribute.
        by: with what.
        weather: fields of a `tests.simulation.plan.Plan` with which nights meet it often.
    """

    name: str
    what: str
    place: tuple[Any, str]
    by: Any
    weather: Mapping[str, Any] = field(default_factory=dict)

    def plan(self, seed: int) -> Plan:
        """A night of a seed in its weather."""
        return replace_plan(plan_of(seed), **self.weather).consistent()


@contextmanager
def planted(name: str | None) -> Iterator[None]:
    """The product with this bug in it; without one, as it is."""
    with ExitStack() as stack:
        for bug in BUGS:
            if bug.name == name:
                stack.enter_context(patch.object(*bug.place, bug.by))
        yield


TWO = {"nodes": 2}
UNSURE = {"nodes": 2, "faults": frozenset({"unknown_outcome"}), "unknown": 0.5}
UNSURE_EDITORS = {**UNSURE, "edits": 0.6}
EDITORS = {"edits": 0.6, "acts": 10}
SLOW_EDITORS = {**EDITORS, "faults": frozenset({"log_slow"}), "slow_s": 0.4}
DEAF = {"nodes": 2, "faults": frozenset({"bus_drop"}), "loses": 1.0, "slow_s": 0.01}
HARD_OF_HEARING = {**DEAF, "loses": 0.3}
CUTS = {"faults": frozenset({"cut", "offline"}), "acts": 10}
COMING_AND_GOING = {**CUTS, "nodes": 2, "fans": 4, "slow_s": 0.05, "tick_s": 0.0}
TOGETHER = {**COMING_AND_GOING, "tick_s": 0.05}
LAST_MOMENT = {"nodes": 3, "fans": 4, "faults": frozenset[str](), "slow_s": 0.05, "tick_s": 0.0}
SECOND_THOUGHTS = {
    **TWO,
    "fans": 2,
    "seconds": 2,
    "acts": 20,
    "edits": 0.0,
    "faults": frozenset({"log_partition", "stall", "reload"}),
}
LONG_TURNS = {
    **LAST_MOMENT,
    "faults": frozenset({"log_slow"}),
    "slow_s": 0.25,
    "skew_s": 0.05,
    "acts": 12,
}
RUSH = {**TWO, "fans": 3, "rush": 8, "edits": 0.0, "slow_s": 0.05}
SLOW_READERS = {
    "faults": frozenset({"slow_reader"}),
    "queue_bytes": 1_500,
    "fallback": frozenset[int](),
    "acts": 10,
}

BUGS = (
    Bug(
        "ack_before_commit",
        "a command is acknowledged as soon as it is decided",
        (Turns, "_decide"),
        bugs.ack_before_commit,
    ),
    Bug(
        "publish_before_commit",
        "other nodes hear of a turn before it is durable",
        (Turns, "_append"),
        bugs.publish_before_commit,
        TWO,
    ),
    Bug(
        "unknown_is_done",
        "an append whose outcome is unknown is taken for done",
        (Turns, "_append"),
        bugs.unknown_is_done,
        UNSURE,
    ),
    Bug(
        "unknown_is_forced",
        "an append whose outcome is unknown is written again at the new head, without asking",
        (Turns, "_append"),
        bugs.unknown_is_forced,
        UNSURE,
    ),
    Bug(
        "answer_kept_apart",
        "what a command does and its answer are two commits, and a crash falls in between",
        (Turns, "_append"),
        bugs.answer_kept_apart,
    ),
    Bug(
        "no_deduplication",
        "a command that is said twice is carried out twice",
        (MemoryRoom, "refuse"),
        bugs.only_lost,
        CUTS,
    ),
    Bug(
        "heal_by_seq",
        "healing compares events and forgets ballots, which are none",
        (Healing, "compare"),
        bugs.heal_by_seq,
        DEAF,
    ),
    Bug(
        "hear_anything",
        "a publication is applied although a turn of ballots before it was missed",
        (Room, "hear"),
        bugs.hear_anything,
        HARD_OF_HEARING,
    ),
    Bug(
        "release_without_held",
        "what was said while a socket was being welcomed is not said to it",
        (Held, "after"),
        bugs.no_items,
        COMING_AND_GOING,
    ),
    Bug(
        "dirty_twin",
        "the document that a failed turn was judged on is used again",
        (Replica, "reset_twin"),
        bugs.nothing,
        UNSURE_EDITORS,
    ),
    Bug(
        "hidden_tally",
        "a hidden tally is sent to everybody, for the page to hide",
        (rooms.state_views, "visible_tally"),
        bugs.shown_to_all,
    ),
    Bug(
        "resume_off_by_one",
        "whoever resumes is told one event too few",
        (Replica, "events_since"),
        bugs.skip_one,
        CUTS,
    ),
    Bug(
        "no_margin",
        "a round is closed the moment it is due, whatever other nodes' inboxes hold",
        (limits, "CLOSE_MARGIN_S"),
        0.0,
        LAST_MOMENT,
    ),
    Bug(
        "nothing_held",
        "a round is held by turns alone, however long one of them lasts",
        (LateTurns, "look"),
        bugs.look_away,
        LONG_TURNS,
    ),
    Bug(
        "late_votes",
        "a vote counts as long as its round is not closed yet",
        (rooms.decide.terms, "last_moment"),
        bugs.nothing,
        LAST_MOMENT,
    ),
    Bug(
        "ahead_of_nothing",
        "a turn is decided ahead without the ballots of the turn before it",
        (BallotsAfter, "get"),
        bugs.only_before,
        RUSH,
    ),
    Bug(
        "older_vote_wins",
        "a vote that waited on a node cut off from the log overrides a later one",
        (rooms.decide.votes, "is_overtaken"),
        bugs.no,
        SECOND_THOUGHTS,
    ),
    Bug(
        "raw_relay",
        "an edit that had to be repaired is stored as it came",
        (rooms.decide.setlist, "judge"),
        bugs.relay_raw,
        EDITORS,
    ),
    Bug(
        "own_frames_last",
        "a socket's own frames are written behind what was said to all",
        (Lane, "say_to"),
        bugs.own_frames_last,
        TOGETHER,
    ),
    Bug(
        "saved_on_arrival",
        "an edit is called saved when it arrives",
        (SavedCount, "arrive"),
        bugs.saved_on_arrival,
        SLOW_EDITORS,
    ),
    Bug(
        "never_too_slow",
        "a reader that takes nothing keeps its socket, and its queue grows",
        (Hub, "_close_slow"),
        bugs.nothing,
        SLOW_READERS,
    ),
)
"""All of them; ``python -m tests.simulation --list-bugs`` prints them."""
