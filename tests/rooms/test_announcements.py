"""Tickets that are used together are announced together."""

from __future__ import annotations

import asyncio

from rooms import limits, publication
from rooms.announcements import Announcements
from rooms.publication import SocketOpened, SocketsOpened


class Bus:
    def __init__(self) -> None:
        self.said: list[publication.Publication | publication.UnknownKind] = []

    def publish(self, show_id: str, message: bytes) -> None:
        assert show_id == "show"
        self.said.append(publication.decode(message))

    async def subscribe(self, show_id: str) -> None: ...
    async def unsubscribe(self, show_id: str) -> None: ...
    def on_message(self, handler: object) -> None: ...


async def test_one_is_said_as_ever_and_many_of_a_moment_in_few_messages() -> None:
    bus = Bus()
    announcements = Announcements("show", "node", bus)
    announcements.opened("t0", "p0")
    await asyncio.sleep(0)
    assert bus.said == [SocketOpened("node", "t0", "p0")]
    bus.said.clear()
    count = limits.ANNOUNCED_TOGETHER_MAX + 1
    for number in range(count):
        announcements.opened(f"t{number}", f"p{number}")
    await asyncio.sleep(0)
    assert [type(one) for one in bus.said] == [SocketsOpened, SocketsOpened]
    told = [
        ticket for one in bus.said if isinstance(one, SocketsOpened) for ticket in one.ticket_ids
    ]
    assert told == [f"t{number}" for number in range(count)]
