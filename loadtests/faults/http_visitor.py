"""A person in the room without a socket: hears by a stream or by polls, acts by HTTP calls.

Says a thing again, under its id, until it is known what became of it, as the pages do.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter

import aiohttp

from loadtests.faults.listeners import Listener
from loadtests.faults.worker import LETTERS, Promise
from loadtests.wire import ApiClient
from loadtests.wire.api import ApiProblem
from loadtests.wire.ids import uuid7

AGAIN_S = 0.3
PAUSE_S = (0.5, 2.0)
"""Between two actions."""

ANSWER_TIMEOUT_S = 60.0
"""For one thing, said as often as it takes."""


class HttpVisitor:
    """See the module.

    Attributes:
        door: what it hears by.
        promise: what was acknowledged.
        acknowledged: how much of what.
    """

    def __init__(
        self, door: str, api: ApiClient, listener: Listener, show_id: str, seed: int
    ) -> None:
        self.door = door
        self.name = listener.name
        self.listener = listener
        self.promise = Promise("")
        self.acknowledged: Counter[str] = Counter()
        self._api = api
        self._show_id = show_id
        self._rng = random.Random(seed)
        self._options = 0
        self._stopping = asyncio.Event()

    def begin(self, round_id: str, options: int) -> None:
        """From now on there is something to vote for."""
        self.promise = Promise(round_id)
        self._options = options

    def stop(self) -> None:
        """Nothing new from here on; what was begun is waited for."""
        self._stopping.set()

    async def act(self) -> None:
        """Votes and talks until `stop`."""
        while not self._stopping.is_set():
            await self._rng.choice((self._vote, self._chat))()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._rng.uniform(*PAUSE_S))

    async def _vote(self) -> None:
        option = f"o{self._rng.randint(1, self._options)}"
        picks = [{"option_id": option}]
        args: dict[str, object] = {"round_id": self.promise.round_id, "picks": picks}
        if await self._say("cast_vote", args):
            self.promise.vote_acked = option
            self.acknowledged["votes"] += 1

    async def _chat(self) -> None:
        text = f"{self.name} says {''.join(self._rng.choices(LETTERS, k=24))}"
        if await self._say("post_chat", {"text": text}):
            self.promise.chat_acked[text] = ""
            self.acknowledged["chat lines"] += 1

    async def _say(self, name: str, args: dict[str, object]) -> bool:
        command_id = uuid7()
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while True:
                try:
                    await self._api.command(self._show_id, name, args, command_id)
                    return True
                except ApiProblem as problem:
                    if problem.status != 429 and problem.status < 500:
                        self.promise.refused.append(problem.code)
                        return False
                except (aiohttp.ClientError, OSError, TimeoutError):
                    pass  # Done or not: the same id finds out.
                await asyncio.sleep(AGAIN_S)
