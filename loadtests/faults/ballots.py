"""A crowd of voters on thin sockets who say things twice, change their minds and come back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import aiohttp

from loadtests.faults import setting
from loadtests.wire import ApiClient
from loadtests.wire.api import ApiProblem
from loadtests.wire.ids import uuid7
from loadtests.wire.thin_socket import TEXT, ThinSocket, masked

AT_ONCE = 32
"""Joins and HTTP calls under way at a time."""
CONNECT_TIMEOUT_S = 60.0
PATIENCE_S = 300.0
RETRY_S = 0.5
"""Before a command is said again that was neither acknowledged nor refused."""
CHANGES = 0.15
"""Share of voters who vote a second time, for something else."""
TWICE = 0.15
"""Share of commands sent twice in a row."""
BY_HTTP_TOO = 0.05
"""Share of commands said again through ``POST /api/rounds/{id}/vote``, at the other node."""
AGAIN_AFTER_COMING_BACK = 0.3
"""Share of those who come back and repeat what was acknowledged already."""


@dataclass(slots=True)
class Said:
    """One vote as it was said."""

    command_id: str
    option: str
    acked: bool = False
    refused: str | None = None


@dataclass(slots=True)
class Voter:
    """One guest. What counts is the last vote that was acknowledged."""

    number: int
    guest: ApiClient
    home: int
    votes: list[Said]
    socket: ThinSocket | None = None
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def counts_for(self) -> str | None:
        """The option of the last acknowledged vote."""
        acked = [said.option for said in self.votes if said.acked]
        return acked[-1] if acked else None


class BallotBox:
    """Voters of one round, spread over nodes.

    Attributes:
        duplicates: frames and calls beyond the first of a command.
        retries: commands that were told to be said again.
        returns: sockets made anew after one was lost.
    """

    def __init__(
        self, urls: Sequence[str], show_id: str, round_id: str, options: int, seed: int
    ) -> None:
        self.urls = list(urls)
        self.show_id = show_id
        self.round_id = round_id
        self.voters: list[Voter] = []
        self.duplicates = 0
        self.retries = 0
        self.returns = 0
        self.problems: list[str] = []
        self._options = [f"o{n}" for n in range(1, options + 1)]
        self._rng = random.Random(seed)
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def admit(self, count: int, session: aiohttp.ClientSession) -> None:
        """Makes guests and connects each to its node."""

        async def one(number: int) -> Voter:
            home = number % len(self.urls)
            async with self._gate:
                guest = await setting.new_guest(self.urls[home], session, f"Voter {number}")
            voter = Voter(number, guest, home, self._intentions())
            await self._connect(voter)
            return voter

        self.voters += await asyncio.gather(*(one(number) for number in range(count)))

    def _intentions(self) -> list[Said]:
        first, second = self._rng.sample(self._options, 2)
        votes = [Said(uuid7(), first)]
        if self._rng.random() < CHANGES:
            votes.append(Said(uuid7(), second))
        return votes

    async def _connect(self, voter: Voter) -> None:
        loop = asyncio.get_running_loop()
        url = self.urls[voter.home]
        async with self._gate:
            api = voter.guest.at(url)
            path = f"/rooms/{self.show_id}?ticket={quote(await api.ticket(self.show_id))}"
            port = int(url.rpartition(":")[2])
            _, socket = await loop.create_connection(
                lambda: _Watched(voter, path, self._heard), "127.0.0.1", port
            )
            await asyncio.wait_for(socket.welcomed, CONNECT_TIMEOUT_S)
        voter.socket = socket
        voter.lost.clear()

    def _heard(self, socket: ThinSocket, opcode: int, payload: bytes) -> None:
        if opcode != TEXT or payload[:8] not in (b'{"t":"ac', b'{"t":"re'):
            return
        message = json.loads(payload)
        voter = self.voters_by_socket(socket)
        for said in voter.votes:
            if said.command_id == message["command_id"]:
                self._take(voter, said, message)

    @staticmethod
    def voters_by_socket(socket: ThinSocket) -> Voter:
        """Whose socket this is."""
        assert isinstance(socket, _Watched)
        return socket.voter

    def _take(self, voter: Voter, said: Said, message: dict[str, object]) -> None:
        if message["t"] == "ack":
            if said.refused is not None:
                self.problems.append(f"{voter.number}: refused ({said.refused}), then acknowledged")
            said.acked = True
            voter.answered.set()
        elif not message["retryable"]:
            if said.acked:
                self.problems.append(f"{voter.number}: acknowledged, then {message['code']}")
            said.refused = str(message["code"])
            voter.answered.set()
        else:
            self.retries += 1
            voter.answered.set()  # to be said again

    # --- voting ------------------------------------------------------------------------------

    async def vote(self, over_s: float) -> None:
        """Everybody votes, spread over so many seconds, until all is answered."""

        async def one(voter: Voter) -> None:
            await asyncio.sleep(self._rng.uniform(0, over_s))
            for said in voter.votes:
                await self._say(voter, said)

        await asyncio.gather(*(one(voter) for voter in self.voters))

    async def _say(self, voter: Voter, said: Said) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not (said.acked or said.refused):
                if voter.lost.is_set():
                    await self._come_back(voter)
                voter.answered.clear()
                self._send(voter, said)
                if self._rng.random() < TWICE:
                    self.duplicates += 1
                    self._send(voter, said)
                if self._rng.random() < BY_HTTP_TOO:
                    await self._post(voter, said)
                await self._answer_or_loss(voter)
                if not (said.acked or said.refused):
                    await asyncio.sleep(RETRY_S)

    def _send(self, voter: Voter, said: Said) -> None:
        assert voter.socket is not None
        voter.socket.write(self.frame(said))

    def frame(self, said: Said) -> bytes:
        """A vote as one masked frame."""
        message = {
            "t": "command",
            "command_id": said.command_id,
            "name": "cast_vote",
            "args": {"round_id": self.round_id, "picks": [{"option_id": said.option}]},
        }
        return masked(TEXT, json.dumps(message).encode())

    async def _post(self, voter: Voter, said: Said) -> None:
        """The same command through another door of another node."""
        self.duplicates += 1
        elsewhere = self.urls[(voter.home + 1) % len(self.urls)]
        body = {"command_id": said.command_id, "picks": [{"option_id": said.option}]}
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ApiProblem):
            async with self._gate:
                await voter.guest.at(elsewhere).post(f"/api/rounds/{self.round_id}/vote", body)

    async def _answer_or_loss(self, voter: Voter) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (voter.answered, voter.lost)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _come_back(self, voter: Voter) -> None:
        """To the next node that answers; some say again what was acknowledged."""
        while True:
            voter.home = (voter.home + 1) % len(self.urls)
            try:
                await self._connect(voter)
                break
            except (OSError, aiohttp.ClientError, ApiProblem, TimeoutError):
                await asyncio.sleep(0.2)
        self.returns += 1
        for said in voter.votes:
            if said.acked and self._rng.random() < AGAIN_AFTER_COMING_BACK:
                self.duplicates += 1
                self._send(voter, said)

    # --- what was promised -------------------------------------------------------------------

    def promised(self) -> Counter[str]:
        """Votes by option, by the last acknowledged vote of each voter."""
        chosen = (voter.counts_for for voter in self.voters)
        return Counter(option for option in chosen if option is not None)

    def leave(self) -> None:
        """Drops all connections."""
        for voter in self.voters:
            if voter.socket is not None:
                voter.socket.transport.abort()


class _Watched(ThinSocket):
    """A thin socket that knows its voter and says when it is lost."""

    def __init__(self, voter: Voter, path: str, on_frame: object) -> None:
        super().__init__(voter.number, path, on_frame)  # type: ignore[arg-type]
        self.voter = voter

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.voter.socket is self:
            self.voter.lost.set()
