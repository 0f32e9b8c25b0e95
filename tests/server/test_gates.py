"""Gates: a bounded number at work, a bounded number waiting, and nobody forgotten."""

from __future__ import annotations

import asyncio

import pytest

from server.gates import Gate
from server.problems import ApiError


async def test_so_many_are_inside_so_many_wait_and_the_next_comes_again() -> None:
    gate, leave = Gate(at_once=2, waiting_max=3), asyncio.Event()
    inside: list[int] = []

    async def visit(number: int) -> None:
        async with gate.turn():
            inside.append(number)
            await leave.wait()

    async with asyncio.TaskGroup() as visitors:
        tasks = [visitors.create_task(visit(number)) for number in range(5)]
        while len(inside) < 2:
            await asyncio.sleep(0)
        with pytest.raises(ApiError) as refusal:
            async with gate.turn():
                raise AssertionError("one too many was let through")
        assert (refusal.value.status, refusal.value.code) == (503, "busy")
        assert inside == [0, 1]
        tasks[4].cancel()  # whoever hangs up while waiting makes room
        await asyncio.wait([tasks[4]])
        sixth = visitors.create_task(visit(5))
        leave.set()
    assert sixth.done() and inside == [0, 1, 2, 3, 5]


async def test_what_fails_inside_gives_its_turn_back() -> None:
    gate = Gate(at_once=1, waiting_max=0)
    for _ in range(3):
        with pytest.raises(LookupError):
            async with gate.turn():
                raise LookupError
