"""The promises of `rooms.ports.RoomBus`: in order to whoever subscribed, and never in the way."""

from __future__ import annotations

import asyncio

from rooms.ports import RoomBus
from tests.contract.conftest import MakeBus
from tests.contract.harness import new_id
from tests.patience import PATIENT_S


class Inbox:
    """Collects what a bus delivers."""

    def __init__(self, bus: RoomBus) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self._arrived = asyncio.Event()
        bus.on_message(self._take)

    def _take(self, show_id: str, message: bytes) -> None:
        self.messages.append((show_id, message))
        self._arrived.set()

    async def wait_for(self, message: bytes, timeout_s: float = PATIENT_S) -> None:
        async with asyncio.timeout(timeout_s):
            while not any(got == message for _, got in self.messages):
                self._arrived.clear()
                await self._arrived.wait()


async def subscribed(bus: RoomBus, *show_ids: str) -> Inbox:
    """An inbox that has seen the bus's own messages: both its connections are up."""
    inbox = Inbox(bus)
    for show_id in show_ids:
        await bus.subscribe(show_id)
    probe, number = new_id(), 0
    await bus.subscribe(probe)
    async with asyncio.timeout(PATIENT_S):
        while not inbox.messages:
            number += 1
            bus.publish(probe, b"probe")
            await asyncio.sleep(0.02)
    inbox.messages.clear()
    await bus.unsubscribe(probe)
    return inbox


async def test_messages_reach_every_subscriber_in_order(make_bus: MakeBus) -> None:
    one, other = await make_bus(), await make_bus()
    show_id = new_id()
    here, there = await subscribed(one, show_id), await subscribed(other, show_id)
    sent = [b"%d" % number for number in range(1000)]
    for message in sent:
        one.publish(show_id, message)
    for inbox in (here, there):
        await inbox.wait_for(sent[-1])
        assert [message for key, message in inbox.messages if key == show_id] == sent


async def test_rooms_are_kept_apart(make_bus: MakeBus) -> None:
    bus = await make_bus()
    mine, others = new_id(), new_id()
    inbox = await subscribed(bus, mine)
    bus.publish(others, b"not mine")
    bus.publish(mine, b"mine")
    await inbox.wait_for(b"mine")
    assert (others, b"not mine") not in inbox.messages


async def test_after_unsubscribing_nothing_more_arrives(make_bus: MakeBus) -> None:
    bus = await make_bus()
    left, kept = new_id(), new_id()
    inbox = await subscribed(bus, left, kept)
    await bus.unsubscribe(left)
    bus.publish(left, b"too late")
    bus.publish(kept, b"after")
    await inbox.wait_for(b"after")
    assert (left, b"too late") not in inbox.messages


async def test_a_handler_that_fails_does_not_end_the_listening(make_bus: MakeBus) -> None:
    bus = await make_bus()
    show_id = new_id()
    inbox = await subscribed(bus, show_id)

    def fail_once(key: str, message: bytes) -> None:
        bus.on_message(inbox._take)
        raise ZeroDivisionError

    bus.on_message(fail_once)
    bus.publish(show_id, b"first")
    bus.publish(show_id, b"second")
    await inbox.wait_for(b"second")
