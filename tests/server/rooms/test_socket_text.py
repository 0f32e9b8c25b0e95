"""Commands, answers, resuming and falling behind over real sockets."""

from __future__ import annotations

import asyncio
import socket as sockets
from collections.abc import Sequence
from typing import Any

import pytest

from rooms import limits
from rooms.messages import CloseCode
from server.egress.bulk import write_to_all
from server.rooms import connection
from tests.server.rooms.house import Client, House, house


@pytest.fixture(params=["fast", "fallback"])
def fast(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "fast")


async def enter(one: House, ticket: str, **query: object) -> Client:
    client = Client(await one.connect(ticket, **query))
    await client.next("welcome")
    return client


async def say(client: Client, count: int) -> None:
    """Chat lines, each after the last was acknowledged and no faster than allowed."""
    for number in range(count):
        await client.command("post_chat", text=f"line {number}")
        await client.next("ack")


def seqs(client: Client) -> list[int]:
    return [message["seq"] for message in client.texts if message["t"] == "event"]


# --- commands ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "command_id"),
    [
        ("", "invalid_message", ""),
        ("{", "invalid_message", ""),
        ("null", "invalid_message", ""),
        ("[" * 9_000, "invalid_message", ""),
        ('{"t":"event","command_id":"c1"}', "invalid_message", "c1"),
        ('{"t":"command","command_id":"c2"}', "invalid_message", "c2"),
        ('{"t":"command","command_id":7,"name":"react"}', "invalid_message", ""),
        ('{"t":"command","command_id":"","name":"react"}', "invalid_message", ""),
        ('{"t":"command","command_id":"c3","name":"fly"}', "unknown_command", "c3"),
        ('{"t":"command","command_id":"c4","name":"react"}', "invalid_arguments", "c4"),
        ('{"t":"command","command_id":"c5","name":"react","args":[]}', "invalid_arguments", "c5"),
        ('{"t":"command","command_id":"\\ud800","name":"react"}', "invalid_message", ""),
        (
            '{"t":"command","command_id":"c6","name":"react","args":{"kind":1e400}}',
            "invalid_arguments",
            "c6",
        ),
    ],
)
async def test_what_is_no_command_is_rejected_and_the_socket_stays(
    text: str, code: str, command_id: str
) -> None:
    async with house() as one:
        client = await enter(one, "dana")
        await client.socket.send(text)
        reject = await client.next("reject")
        assert (reject["code"], reject["command_id"]) == (code, command_id)
        assert reject["retryable"] is False
        await client.command("post_chat", text="still here")
        await client.next("ack")
        await client.socket.close()


async def test_unknown_fields_are_ignored() -> None:
    async with house() as one:
        client = await enter(one, "dana")
        await client.socket.send(
            '{"t":"command","command_id":"c1","name":"react","args":{"kind":"fire","x":1},"y":2}'
        )
        assert (await client.next("ack"))["command_id"] == "c1"
        await client.socket.close()


async def test_a_text_frame_over_the_limit_closes_the_socket() -> None:
    async with house() as one:
        client = await enter(one, "dana")
        await client.socket.send("x" * limits.TEXT_FRAME_BYTES_MAX)
        await client.next("reject")
        await client.socket.send("ü" * (limits.TEXT_FRAME_BYTES_MAX // 2 + 1))
        assert (await client.closed())[0] == CloseCode.TOO_LARGE


async def test_the_rate_limit_is_one_for_all_sockets_of_a_participant() -> None:
    async with house() as one:
        first, second = await enter(one, "dana.1"), await enter(one, "dana.2")
        lee = await enter(one, "lee")
        for number in range(limits.COMMANDS_BURST + 2):
            client = first if number % 2 else second
            await client.command("react", kind="fire")
        reject = await first.next("reject")
        assert reject["code"] == "rate_limited" and reject["retryable"] is True
        assert 0 < reject["retry_after_s"] <= 1 / limits.COMMANDS_PER_SECOND
        await lee.command("react", kind="fire")
        await lee.next("ack")
        for client in (first, second, lee):
            await client.socket.close()


# --- resuming --------------------------------------------------------------------------------


async def test_whoever_was_away_gets_exactly_what_was_missed(fast: bool) -> None:
    async with house(fast=fast) as one:
        lee = await enter(one, "lee")
        dana = await enter(one, "dana")
        await say(dana, 3)
        await dana.socket.close()
        epoch = dana.texts[0]["epoch"]
        await say(lee, 4)
        back = Client(await one.connect("dana", since=3, epoch=epoch))
        welcome = await back.next("welcome")
        assert (welcome["recovered"], welcome["state"], welcome["seq"]) == (True, {}, 7)
        await say(lee, 1)
        await say(back, 1)
        assert seqs(back) == [4, 5, 6, 7, 8, 9]
        for client in (lee, back):
            await client.socket.close()


async def test_whoever_was_away_is_told_the_states_that_are_not_in_the_log() -> None:
    async with house() as one:
        dana = await enter(one, "dana")
        await dana.command("react", kind="fire")
        await dana.next("ack")
        epoch = dana.texts[0]["epoch"]
        await dana.socket.close()
        back = Client(await one.connect("dana", since=0, epoch=epoch))
        await back.next("welcome")
        states: dict[str, Any] = {}
        while "reactions" not in states:
            state = await back.next("state")
            states[state["name"]] = state["data"]
        assert states["reactions"]["counts"]["fire"] == 1
        await back.socket.close()


@pytest.mark.parametrize(
    "place",
    [
        {"since": 2, "epoch": "another"},
        {"since": 2},
        {"since": 99, "epoch": "current"},
        {"since": -1, "epoch": "current"},
        {"since": "x", "epoch": "current"},
        {"since": "9" * 30, "epoch": "current"},
    ],
)
async def test_a_place_that_is_not_in_this_log_means_a_snapshot(place: dict[str, Any]) -> None:
    async with house() as one:
        lee = await enter(one, "lee")
        await say(lee, 3)
        if place.get("epoch") == "current":
            place = {**place, "epoch": lee.texts[0]["epoch"]}
        dana = Client(await one.connect("dana", **place))
        welcome = await dana.next("welcome")
        assert welcome["recovered"] is False and welcome["seq"] == 3
        assert len(welcome["state"]["chat"]) == 3
        await say(lee, 1)
        assert (await dana.next("event"))["seq"] == 4
        for client in (lee, dana):
            await client.socket.close()


async def test_a_slow_receiver_is_closed_with_4008_and_resumes_without_loss_or_double(
    fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CONNECTION_QUEUE_BYTES_MAX", 20_000)
    monkeypatch.setattr(limits, "SLOW_CONSUMER_ABORT_S", 60.0)
    monkeypatch.setattr(limits, "COMMANDS_BURST", 10_000)
    async with house(fast=fast, send_buffer=8_192) as one:
        small = sockets.socket()
        small.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
        small.connect(("127.0.0.1", one.port))
        small.setblocking(False)
        dana = Client(await one.connect("dana", sock=small))
        welcome = await dana.next("welcome")
        transport = dana.socket.transport
        transport.pause_reading()
        lee = await enter(one, "lee")
        # What the kernels keep for dana is not the server's to count: say more than that.
        while one.room.hub.participants() == 2:
            for _ in range(20):
                await lee.command("post_chat", text="x" * 480)
            for _ in range(20):
                await lee.next("ack")
        await say(lee, 5)
        transport.resume_reading()
        assert (await dana.closed())[0] == CloseCode.TOO_SLOW
        seen = seqs(dana)
        back = Client(await one.connect("dana", since=len(seen), epoch=welcome["epoch"]))
        assert (await back.next("welcome"))["recovered"] is True
        head = back.texts[0]["seq"]
        while not seqs(back) or seqs(back)[-1] < head:
            await back.next("event")
        assert seen + seqs(back) == list(range(1, head + 1))
        assert len(seen) < head
        for client in (lee, back):
            await client.socket.close()


async def test_what_is_said_in_one_turn_is_one_write_per_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writes: list[int] = []

    def counted(outlets: Sequence[int], data: bytes) -> Sequence[tuple[int, int]]:
        writes.append(len(data))
        return write_to_all(outlets, data)

    monkeypatch.setattr(connection, "write_to_all", counted)
    async with house() as one:
        dana, lee = await enter(one, "dana"), await enter(one, "lee")
        writes.clear()
        await asyncio.gather(
            *(dana.command("post_chat", text=f"line {number}") for number in range(20))
        )
        while len(seqs(lee)) < 20:
            await lee.next("event")
        assert 0 < len(writes) < 20
        for client in (dana, lee):
            await client.socket.close()
