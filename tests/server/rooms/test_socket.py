"""The socket door over real sockets (PROTOCOL "Socket")."""

from __future__ import annotations

import pytest

from tests.server.rooms.house import Client, house, uuid_of


@pytest.fixture(params=["fast", "fallback"])
def fast(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "fast")


async def test_welcome_comes_first_with_a_snapshot_and_then_a_sync_request(fast: bool) -> None:
    async with house(fast=fast) as one, one.connect("dana") as socket:
        client = Client(socket)
        welcome = await client.next("welcome")
        assert client.texts[0] is welcome and not client.binaries
        assert welcome["recovered"] is False
        assert welcome["you"]["participant_id"] == uuid_of("dana")
        assert welcome["state"]["show"]["title"] == "Barton Hall"
        assert (await client.next_binary())[:2] == b"\x00\x00"


async def test_a_chat_line_is_acknowledged_and_reaches_everybody(fast: bool) -> None:
    async with (
        house(fast=fast) as one,
        one.connect("dana") as first,
        one.connect("lee") as second,
    ):
        dana, lee = Client(first), Client(second)
        await dana.next("welcome")
        await lee.next("welcome")
        await dana.command("post_chat", text="hello")
        event = await lee.next("event")
        assert event["name"] == "chat_posted" and event["data"]["text"] == "hello"
        assert (await dana.next("ack"))["seq"] == event["seq"]
