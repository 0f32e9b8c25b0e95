"""One hostile participant over real sockets: sends an input, waits for its outcome, comes back."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from loadtests.faults.hostile.inputs import (
    ACKED,
    CLOSED,
    REFUSED,
    REJECTED,
    SAVED,
    SILENCE,
    Binary,
    Hostile,
    Knowledge,
    Maker,
    Text,
)
from loadtests.wire import ApiClient, ApiProblem, SetlistDocument, framing, messages
from loadtests.wire.ids import uuid7
from loadtests.wire.messages import Ack, Reject, SetlistRefused, SetlistSaved, Welcome

ANSWER_TIMEOUT_S = 20.0
INPUTS_PER_SOCKET = 120
"""After so many inputs that closed nothing the attacker comes back on a new socket."""
NEWCOMER_AFTER = 150
"""Repairs of one participant before it comes back as somebody else: the server's limit is 200."""
SAID_KEPT = 20
COMMANDS_PER_SECOND = 15.0
"""Below the server's limit of 20: beyond it every answer would be ``rate_limited``."""


class Outcomes:
    """Counts of what came of each kind of input, and what should not have."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}
        self.unexpected: list[str] = []
        self.inputs = 0

    def note(self, hostile: Hostile, outcome: str) -> None:
        """Takes one outcome."""
        self.inputs += 1
        self.counts.setdefault(hostile.kind, Counter())[outcome] += 1
        if not hostile.permits(outcome) and len(self.unexpected) < 200:
            shown = "; ".join(repr(part)[:300] for part in hostile.parts)
            self.unexpected.append(f"{hostile.kind} ended with {outcome}: {shown}")


class Attacker:
    """Comes in as a guest, knows the room, and does its worst.

    Args:
        join: gives a new signed-in guest.
        makers: kinds of input with their weights.
        budget: calls to `take` return false once enough inputs were sent in all.
    """

    def __init__(
        self,
        api: ApiClient,
        show_id: str,
        know: Knowledge,
        makers: Sequence[tuple[Maker, int]],
        outcomes: Outcomes,
    ) -> None:
        self._api = api
        self._show_id = show_id
        self._know = know
        self._makers = [maker for maker, _ in makers]
        self._weights = [weight for _, weight in makers]
        self._outcomes = outcomes
        self._socket: ClientConnection | None = None
        self._ticket: str | None = None
        self._repairs = 0
        self._updates_sent = 0
        self._free_at = 0.0

    async def attack(self, inputs: int) -> None:
        """Sends this many inputs, over as many sockets as it takes."""
        done = 0
        while done < inputs:
            try:
                await self._come_in()
            except (OSError, InvalidHandshake, ApiProblem, ConnectionClosed):
                await self._as_somebody_else()
                continue
            for _ in range(min(INPUTS_PER_SOCKET, inputs - done)):
                closed = await self._one_input()
                done += 1
                if closed:
                    break
            await self._leave()
            if self._repairs >= NEWCOMER_AFTER:
                await self._as_somebody_else()

    async def good_edit(self, title: str) -> None:
        """An honest edit on a fresh socket, after all that: it must arrive."""
        await self._leave()
        self._fresh_document()
        await self._come_in()
        with self._know.setlist.local() as updates:
            self._know.setlist.add(title, "set1", self._know.me)
        assert self._socket is not None
        for update in updates:
            await self._socket.send(framing.sync(framing.UPDATE, update))
        wanted = self._updates_sent + len(updates)
        await asyncio.wait_for(self._outcome("", wanted), ANSWER_TIMEOUT_S)
        await self._leave()

    # --- one input ------------------------------------------------------------------------

    async def _one_input(self) -> bool:
        (make,) = self._know.rng.choices(self._makers, self._weights)
        hostile = make(self._know)
        assert self._socket is not None
        fence = f"fence-{uuid7(self._know.rng)}"
        wanted = self._updates_sent + hostile.updates
        await self._pace(hostile)
        try:
            for part in hostile.parts:
                if isinstance(part, Text | Binary):
                    await self._socket.send(part.content)
                else:
                    self._socket.transport.write(part.content)
            if not hostile.updates:
                await self._socket.send(_fence(hostile, fence))
            outcome = await asyncio.wait_for(self._outcome(fence, wanted), ANSWER_TIMEOUT_S)
        except ConnectionClosed:
            outcome = self._close_outcome()
        except TimeoutError:
            outcome = "no answer"
        self._updates_sent = wanted
        self._outcomes.note(hostile, outcome)
        self._remember(hostile, outcome)
        closed = outcome.startswith(CLOSED) or outcome == "no answer"
        if closed or hostile.spoils:
            self._fresh_document()
        return closed or hostile.spoils

    async def _pace(self, hostile: Hostile) -> None:
        commands = sum(isinstance(part, Text) for part in hostile.parts)
        commands += not hostile.updates
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + commands / COMMANDS_PER_SECOND
        await asyncio.sleep(max(0.0, self._free_at - now - 1.0))

    async def _outcome(self, fence: str, wanted_updates: int) -> str:
        """Reads until the input was answered; what comes of other people is taken in."""
        assert self._socket is not None
        outcome = SILENCE
        while True:
            try:
                frame = await self._socket.recv()
            except ConnectionClosed:
                return self._close_outcome()
            if isinstance(frame, bytes):
                self._take_in(frame)
                continue
            match messages.decode(frame):
                case Reject(command_id=command_id, code=code):
                    if command_id == fence:
                        return outcome
                    outcome = f"{REJECTED}:{code}"
                case Ack():
                    outcome = ACKED
                case SetlistRefused(code=code):
                    self._repairs += 1
                    outcome = f"{REFUSED}:{code}"
                case SetlistSaved(received=received) if received >= wanted_updates:
                    if wanted_updates > self._updates_sent:
                        return SAVED if outcome == SILENCE else outcome
                case _:
                    pass

    def _close_outcome(self) -> str:
        assert self._socket is not None
        return f"{CLOSED}:{self._socket.close_code or 1006}"

    def _remember(self, hostile: Hostile, outcome: str) -> None:
        if outcome.startswith(REJECTED) and outcome != f"{REJECTED}:rate_limited":
            for part in hostile.parts:
                if isinstance(part, Text) and hostile.kind == "refused arguments":
                    self._know.said.append(part.content)
        del self._know.said[:-SAID_KEPT]

    def _take_in(self, frame: bytes) -> None:
        with contextlib.suppress(framing.FramingError):
            match framing.decode(frame):
                case framing.SyncFrame(step=step, payload=update) if step != framing.STEP_1:
                    self._know.setlist.apply(update)
                case _:
                    pass

    # --- coming and going -----------------------------------------------------------------

    async def _come_in(self) -> None:
        if self._ticket is None:
            self._ticket = await self._api.ticket(self._show_id)
        base = "ws" + self._api.base_url.removeprefix("http")
        url = f"{base}/rooms/{self._show_id}?{urlencode({'ticket': self._ticket})}"
        self._socket = await connect(
            url,
            subprotocols=[Subprotocol(messages.SUBPROTOCOL)],
            compression=None,
            max_size=None,
            max_queue=None,
            ping_interval=None,
            close_timeout=1.0,
        )
        await self._socket.send(framing.sync(framing.STEP_1, self._know.setlist.state_vector()))
        self._updates_sent = 0
        while True:
            frame = await asyncio.wait_for(self._socket.recv(), ANSWER_TIMEOUT_S)
            if isinstance(frame, str):
                message = messages.decode(frame)
                if isinstance(message, Welcome):
                    self._know.me = str(message.you["participant_id"])
                continue
            match framing.decode(frame):
                case framing.SyncFrame(step=framing.STEP_1, payload=vector):
                    missing = self._know.setlist.missing_in(vector)
                    self._updates_sent += 1
                    await self._socket.send(framing.sync(framing.STEP_2, missing))
                case framing.SyncFrame(step=framing.STEP_2, payload=update):
                    self._know.setlist.apply(update)
                    return

    async def _leave(self) -> None:
        if self._socket is not None:
            self._socket.transport.abort()
            self._socket = None

    async def _as_somebody_else(self) -> None:
        """The account is used up: sent away, or out of repairs."""
        await self._leave()
        self._ticket = None
        self._repairs = 0
        self._know.said.clear()
        self._fresh_document()
        await self._api.guest(f"Guest {self._know.rng.randrange(10_000)}")

    def _fresh_document(self) -> None:
        self._know.setlist.close()
        self._know.setlist = SetlistDocument(random.Random(self._know.rng.getrandbits(64)))


def _fence(hostile: Hostile, command_id: str) -> str:
    """A command whose answer comes after whatever the input brings about.

    Commands are answered by the room in order, so theirs is one that the room decides; frames
    are answered by the socket itself, and so is a command that nobody knows.
    """
    if any(isinstance(part, Text) for part in hostile.parts):
        return messages.command(command_id, "remove_chat", {"chat_message_id": command_id})
    return messages.command(command_id, "fence", {})
