"""One participant's room: a socket that comes back, the log, the setlist, commands.

Read in this order: `RoomClient.run` (connect, reconnect), `_session` (one socket), `command` and
`edit` (what is said); what arrives is in `room_state`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from loadtests.wire import framing, messages, reconnect
from loadtests.wire.api import ApiClient, ApiProblem
from loadtests.wire.commands import Refused
from loadtests.wire.edits import Edit
from loadtests.wire.ids import uuid7
from loadtests.wire.messages import Ack, EventMessage, StateMessage, Welcome
from loadtests.wire.room_state import Listener, RoomState
from loadtests.wire.setlist import SetlistDocument

__all__ = ["Refused", "RoomClient", "RoomLost"]

OPEN_TIMEOUT_S = 10.0
FRAME_BYTES_MAX = 4 * 1024 * 1024
COMMAND_TIMEOUT_S = 30.0


class RoomLost(Exception):
    """The server said not to come back as we are."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"closed with {code}: {reason}")
        self.code = code


class RoomClient(RoomState):
    """A participant in one room. Use as ``async with``; the socket lives in a task of its own.

    Args:
        api: the person; its ``base_url`` names the node.
        show_id: the room.
        join_code: for a show that asks for one.
        rng: jitter, ids and positions.
        on_welcome, on_event, on_state, on_frame: called synchronously for every welcome, log
            event, state and raw frame that arrives.
        fresh_document_on_refusal: a socket closed with 4403 gives the document up and comes
            back with an empty one, as the contract asks of an editor whose document cannot be
            merged; otherwise 4403 ends the client.
        quiet_timeout_s: a socket that says nothing for so long is given up, as stock y-websocket
            providers do after 30 s; ``None``: never.
    """

    def __init__(
        self,
        api: ApiClient,
        show_id: str,
        *,
        join_code: str | None = None,
        rng: random.Random | None = None,
        on_welcome: Callable[[Welcome], None] | None = None,
        on_event: Callable[[EventMessage], None] | None = None,
        on_state: Callable[[StateMessage], None] | None = None,
        on_frame: Callable[[str | bytes], None] | None = None,
        fresh_document_on_refusal: bool = False,
        quiet_timeout_s: float | None = None,
    ) -> None:
        listener = Listener(
            on_welcome or _nothing, on_event or _nothing, on_state or _nothing, on_frame or _nothing
        )
        super().__init__(rng or random.Random(), listener)
        self.api = api
        self.show_id = show_id
        self.closes: list[int] = []
        self.lost: RoomLost | None = None
        self._join_code = join_code
        self._fresh_document = fresh_document_on_refusal
        self._quiet_timeout_s = quiet_timeout_s
        self._ticket: str | None = None
        self._socket: ClientConnection | None = None
        self._online = asyncio.Event()
        self._online.set()
        self._runner: asyncio.Task[None] | None = None

    async def __aenter__(self) -> RoomClient:
        self._runner = asyncio.create_task(self.run(), name=f"room-{self.show_id}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def connected(self) -> bool:
        """Whether the socket is open and welcomed."""
        return self._socket is not None and self._may_speak

    async def entered(self, timeout_s: float = 30.0) -> None:
        """Waits until the socket is welcomed and the setlist document in sync.

        Raises:
            TimeoutError: not in time.
            RoomLost: the server will not have us.
        """
        await self.until(lambda: self.connected and self.synced, timeout_s)

    async def until(self, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Waits for ``condition``, asked again whenever anything arrives.

        Raises:
            TimeoutError: not in time.
            RoomLost: the server closed for good.
        """
        await self.signal.until(lambda: self.lost is not None or condition(), timeout_s)
        if self.lost is not None and not condition():
            raise self.lost

    # --- saying something -----------------------------------------------------------------

    async def command(
        self,
        name: str,
        args: dict[str, Any] | None = None,
        *,
        command_id: str | None = None,
        timeout_s: float = COMMAND_TIMEOUT_S,
    ) -> Ack:
        """Says a command until it has a final answer, over as many sockets as it takes.

        Raises:
            Refused: the room's final no.
            RoomLost: the server closed for good.
            TimeoutError: no final answer in time; the outcome is unknown.
        """
        if self.lost is not None:
            raise self.lost
        pending = self._outbox.add(command_id or uuid7(), name, args or {})
        try:
            async with asyncio.timeout(timeout_s):
                if self.connected:
                    await self._say(pending)
                return await pending.done
        finally:
            self._outbox.drop(pending)

    async def edit(self, change: Callable[[SetlistDocument], object], *entry_ids: str) -> Edit:
        """Changes the setlist here at once and sends it, now or when the signal is back.

        Args:
            change: edits the document; must not await.
            entry_ids: what it touches, to recognise refusals. An id that ``change`` returns
                (as `SetlistDocument.add` does) is added.
        """
        with self.setlist.local() as updates:
            result = change(self.setlist)
        touched = (*entry_ids, result) if isinstance(result, str) else entry_ids
        edit = Edit(touched)
        self.ledger.add(edit)
        if self._may_send_updates and self._socket is not None:
            for update in updates:
                self.ledger.sent_update(edit)
                await self._send(framing.sync(framing.UPDATE, update))
        return edit

    # --- the signal comes and goes --------------------------------------------------------

    def go_offline(self) -> None:
        """Loses the signal: the socket dies without a goodbye and does not come back."""
        self._online.clear()
        self.drop_socket()

    def stay_away(self) -> None:
        """Once the socket is gone it does not come back; what still arrives is taken in."""
        self._online.clear()

    def go_online(self) -> None:
        """The signal is back."""
        self._online.set()

    def drop_socket(self) -> None:
        """Breaks the socket; it comes back by itself."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def close(self) -> None:
        """Leaves the room for good."""
        runner, self._runner = self._runner, None
        for task in (*self._tasks, *((runner,) if runner else ())):
            task.cancel()
        await asyncio.gather(*self._tasks, *((runner,) if runner else ()), return_exceptions=True)
        self._outbox.fail(RoomLost(1000, "left"))
        self.setlist.close()

    # --- connecting -----------------------------------------------------------------------

    async def run(self) -> None:
        """Connects, and again, until the server says not to come back."""
        attempt = 0
        while True:
            await self._online.wait()
            self._may_speak = False
            try:
                code, reason = await self._session()
            except (OSError, TimeoutError, InvalidHandshake, aiohttp.ClientError):
                code, reason = reconnect.ABNORMAL, "not reachable"
            except ApiProblem as problem:
                code, reason = _as_close(problem)
            welcomed = self._may_speak
            self._left_socket(code)
            attempt = 0 if welcomed else attempt + 1
            if code == reconnect.NOT_ALLOWED and self._fresh_document and welcomed:
                self._replace_document()
                code = reconnect.ABNORMAL
            what = reconnect.after(code, reason, attempt, self.rng, welcomed=welcomed)
            if isinstance(what, reconnect.Stop):
                self.lost = RoomLost(what.code, what.reason)
                self._outbox.fail(self.lost)
                self.ledger.give_up()
                self.signal.changed()
                return
            if what.new_ticket:
                self._ticket = None
            await asyncio.sleep(what.delay_s)

    async def _session(self) -> tuple[int, str]:
        if self._ticket is None:
            self._ticket = await self.api.ticket(self.show_id, self._join_code)
        async with connect(
            self._url(self._ticket),
            subprotocols=[Subprotocol(messages.SUBPROTOCOL)],
            compression=None,
            max_size=FRAME_BYTES_MAX,
            max_queue=None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=1.0,
            ping_interval=None,
        ) as socket:
            if not self._online.is_set():
                socket.transport.abort()  # The signal went while we connected.
            self._socket = socket
            self.ledger.new_socket()
            try:
                await self._send(framing.sync(framing.STEP_1, self.setlist.state_vector()))
                while True:
                    async with asyncio.timeout(self._quiet_timeout_s):
                        frame = await socket.recv()
                    await self._received(frame)
            except TimeoutError:
                socket.transport.abort()
                return reconnect.ABNORMAL, "nothing was heard"
            except ConnectionClosed:
                pass  # The close code below says what happened.
            except (msgspec.DecodeError, framing.FramingError) as error:
                self.place.broken(f"not of the contract: {error}")
                return reconnect.ABNORMAL, str(error)
            return socket.close_code or reconnect.ABNORMAL, socket.close_reason or ""

    def _url(self, ticket: str) -> str:
        query = {"ticket": ticket}
        if self.place.epoch is not None:
            query |= {"since": str(self.place.seq), "epoch": self.place.epoch}
        base = "ws" + self.api.base_url.removeprefix("http")
        return f"{base}/rooms/{self.show_id}?{urlencode(query)}"

    def _left_socket(self, code: int) -> None:
        self._socket = None
        self._may_speak = False
        self._may_send_updates = False
        self._stale_answers = 0
        self.synced = False
        self.closes.append(code)
        del self.closes[:-100]
        self.signal.changed()

    async def _send(self, frame: str | bytes) -> None:
        """Sends, or leaves it to the next socket: commands are said again, edits are merged."""
        if self._socket is None:
            return
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(frame)


def _nothing(_: object) -> None:
    """Nobody listens."""


def _as_close(problem: ApiProblem) -> tuple[int, str]:
    """The close code that a failed ticket call amounts to."""
    if problem.status == 401:
        return reconnect.TICKET_EXPIRED, problem.detail
    if problem.status in (408, 425, 429) or problem.status >= 500:
        return reconnect.TRY_LATER, problem.detail
    return 4400 + problem.status % 100, problem.detail
