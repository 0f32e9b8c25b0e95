"""Everybody comes in through a door and goes out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.wire.client import Caller
from tests.wire.doors.at_poll import PollVisit
from tests.wire.doors.at_socket import SocketVisit
from tests.wire.doors.at_stream import StreamVisit
from tests.wire.doors.visits import Visit

DOORS: tuple[type[Visit], ...] = (SocketVisit, StreamVisit, PollVisit)

Enter = Callable[[type[Visit], Caller, str], Visit]


@pytest.fixture(params=DOORS, ids=lambda door: door.door)
def door(request: pytest.FixtureRequest) -> type[Visit]:
    """Each door in turn."""
    found: type[Visit] = request.param
    return found


@pytest.fixture
def enter() -> Iterator[Enter]:
    """Brings somebody into a room; all leave after the test."""
    inside: list[Visit] = []

    def come_in(door: type[Visit], caller: Caller, show_id: str) -> Visit:
        visit = door(caller, show_id)
        visit.enter()
        inside.append(visit)
        return visit

    yield come_in
    for visit in inside:
        visit.break_off()
