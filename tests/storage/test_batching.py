"""Calls of the same moment share one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from storage.batching import BATCH_MAX, Batched
from tests.patience import PATIENT_S


class Doubling:
    """Doubles numbers, when it is let; remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        await self.gate.wait()
        if -1 in items:
            raise OSError("the store is away")
        return [2 * item for item in items]


async def test_what_comes_together_is_carried_out_together_and_answered_in_order() -> None:
    double = Doubling()
    asked = Batched(double)
    assert await asyncio.gather(*(asked.ask(number) for number in range(5))) == [0, 2, 4, 6, 8]
    assert double.batches == [[0, 1, 2, 3, 4]]


async def test_while_a_batch_is_under_way_the_next_one_gathers() -> None:
    double = Doubling()
    asked = Batched(double)
    double.gate.clear()
    first = asyncio.create_task(asked.ask(1))
    while not double.batches:
        await asyncio.sleep(0)
    later = [asyncio.create_task(asked.ask(number)) for number in (2, 3)]
    await asyncio.sleep(0)
    double.gate.set()
    assert await asyncio.gather(first, *later) == [2, 4, 6]
    assert double.batches == [[1], [2, 3]]


async def test_a_batch_is_bounded() -> None:
    double = Doubling()
    asked = Batched(double)
    await asyncio.gather(*(asked.ask(number) for number in range(BATCH_MAX + 1)))
    assert [len(batch) for batch in double.batches] == [BATCH_MAX, 1]


async def test_everybody_in_a_batch_that_fails_is_told_and_the_next_one_is_tried() -> None:
    asked = Batched(Doubling())
    failed = await asyncio.gather(asked.ask(-1), asked.ask(1), return_exceptions=True)
    assert [type(error) for error in failed] == [OSError, OSError]
    assert await asked.ask(4) == 8


async def test_nobody_is_forgotten_who_comes_as_a_batch_ends() -> None:
    asked = Batched(Doubling())

    async def ask_again_and_again(number: int) -> None:
        for turns in range(50):
            for _ in range((number + turns) % 7):
                await asyncio.sleep(0)
            assert await asked.ask(number) == 2 * number

    async with asyncio.timeout(30):
        await asyncio.gather(*(ask_again_and_again(number) for number in range(20)))


async def test_who_gives_up_holds_nobody_up() -> None:
    double = Doubling()
    asked = Batched(double)
    double.gate.clear()
    one = asyncio.create_task(asked.ask(1))
    two = asyncio.create_task(asked.ask(2))
    while not double.batches:
        await asyncio.sleep(0)
    one.cancel()
    double.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await one
    assert await two == 4


async def test_results_that_are_missing_fail_everybody_and_hold_nobody_up() -> None:
    async def forget_one(items: Sequence[int]) -> list[int]:
        return [2 * item for item in items if item != 2]

    asked = Batched(forget_one)
    async with asyncio.timeout(PATIENT_S):
        failed = await asyncio.gather(*map(asked.ask, (1, 2, 3)), return_exceptions=True)
        assert [type(error) for error in failed] == [RuntimeError] * 3
        assert await asked.ask(4) == 8


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_whoever_waits_is_told_when_the_work_is_cancelled(turns: int) -> None:
    """Before it has begun, while it lingers, and in the middle of a batch."""
    double = Doubling()
    double.gate.clear()
    asked = Batched(double)
    before = asyncio.all_tasks()
    first = [asked.begin(number) for number in range(BATCH_MAX + 1)]  # one waits for the next
    (work,) = asyncio.all_tasks() - before
    for _ in range(turns):
        await asyncio.sleep(0)
    work.cancel()
    async with asyncio.timeout(PATIENT_S):
        told = await asyncio.gather(*first, return_exceptions=True)
        assert {type(error) for error in told} == {asyncio.CancelledError}
        double.gate.set()
        assert await asked.ask(4) == 8
