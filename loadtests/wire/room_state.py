"""What a participant's client knows of its room, and how frames change it. No sockets in here."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable

import msgspec

from loadtests.wire import framing, messages
from loadtests.wire.commands import Outbox, Pending
from loadtests.wire.edits import Edit, SaveLedger
from loadtests.wire.log import LogPlace
from loadtests.wire.messages import (
    Ack,
    EventMessage,
    Reject,
    SetlistRefused,
    SetlistSaved,
    StateMessage,
    Welcome,
)
from loadtests.wire.setlist import Entry, SetlistDocument
from loadtests.wire.signal import Signal

RETRY_DELAY_S = 0.5
"""Before a command is said again whose reject names no time."""


class Listener(msgspec.Struct, frozen=True):
    """Called synchronously for every welcome, log event, state and raw frame that arrives."""

    welcome: Callable[[Welcome], None] = lambda _: None
    event: Callable[[EventMessage], None] = lambda _: None
    state: Callable[[StateMessage], None] = lambda _: None
    frame: Callable[[str | bytes], None] = lambda _: None


class RoomState(ABC):
    """The log's place, the setlist, the states, and what waits for an answer.

    Attributes:
        place: where in the log this client is, and every broken promise about it.
        setlist: the document.
        ledger: which edits are saved.
        states: the latest of each, by (name, round id or nothing).
        synced: whether the server has sent all it has of the document on this socket.
        signal: fires after every frame.
    """

    def __init__(self, rng: random.Random, listener: Listener) -> None:
        self.rng = rng
        self.place = LogPlace()
        self.setlist = SetlistDocument(rng)
        self.ledger = SaveLedger()
        self.signal = Signal()
        self.welcome: Welcome | None = None
        self.states: dict[tuple[str, str], StateMessage] = {}
        self.synced = False
        self._listener = listener
        self._outbox = Outbox()
        self._may_speak = False
        self._may_send_updates = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsaved: dict[str, tuple[Edit, Entry | None]] = {}
        self._stale_answers = 0

    @property
    @abstractmethod
    def connected(self) -> bool:
        """Whether the socket is open and welcomed."""

    @abstractmethod
    async def _send(self, frame: str | bytes) -> None:
        """Sends, or leaves it to the next socket: commands are said again, edits are merged."""

    @property
    def participant_id(self) -> str:
        """Who this client is in the room; known after the first welcome.

        Raises:
            RuntimeError: there was no welcome yet.
        """
        if self.welcome is None:
            raise RuntimeError("not welcomed yet")
        return str(self.welcome.you["participant_id"])

    async def _received(self, frame: str | bytes) -> None:
        """Takes a frame in.

        Raises:
            msgspec.DecodeError: a text frame is no message of the contract.
            FramingError: a binary frame is none of y-websocket.
        """
        self._listener.frame(frame)
        if isinstance(frame, str):
            await self._text(frame)
        else:
            await self._binary(frame)
        self.signal.changed()

    async def _text(self, frame: str) -> None:
        match messages.decode(frame):
            case Welcome() as welcome:
                await self._welcomed(welcome)
            case EventMessage() as event:
                if self.place.received(event):
                    self._listener.event(event)
            case StateMessage() as state:
                key = (state.name, str(state.data.get("round_id", "")))
                self.states[key] = state
                self._listener.state(state)
            case (Ack() | Reject()) as answer:
                self._answered(answer)
            case SetlistSaved(seq=seq, received=received):
                self.ledger.saved(seq, received)
            case SetlistRefused() as refusal:
                self.ledger.refused(refusal)

    async def _welcomed(self, welcome: Welcome) -> None:
        if self.place.welcomed(welcome):
            self._replace_document(keep_unsaved=True)
            # The socket began with a step 1 of the old document, which is answered as well.
            self._stale_answers = 1
            await self._send(framing.sync(framing.STEP_1, self.setlist.state_vector()))
        self.welcome = welcome
        self.states.clear()  # A version only grows within a welcome.
        self._may_speak = True
        self._listener.welcome(welcome)
        for pending in self._outbox.waiting():
            await self._say(pending)

    async def _binary(self, data: bytes) -> None:
        match framing.decode(data):
            case framing.SyncFrame(step=framing.STEP_1, payload=state_vector):
                missing = self.setlist.missing_in(state_vector)
                self.ledger.sent_step2()
                self._may_send_updates = True
                await self._send(framing.sync(framing.STEP_2, missing))
            case framing.SyncFrame(step=step, payload=update):
                self.setlist.apply(update)
                if step == framing.STEP_2 and self._stale_answers:
                    self._stale_answers -= 1
                elif step == framing.STEP_2:
                    self.synced = True
                    if self._unsaved:
                        await self._write_anew()
            case _:
                pass  # Other people's cursors are of no use to a program.

    def _answered(self, answer: Ack | Reject) -> None:
        again = self._outbox.answered(answer)
        if again is not None and isinstance(answer, Reject):
            delay_s = RETRY_DELAY_S if answer.retry_after_s is None else answer.retry_after_s
            task = asyncio.create_task(self._say_later(again, delay_s))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _say_later(self, pending: Pending, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        if self.connected and pending in self._outbox.waiting():
            await self._say(pending)

    async def _say(self, pending: Pending) -> None:
        await self._send(pending.text)

    def _replace_document(self, *, keep_unsaved: bool = False) -> None:
        """Begins with an empty document.

        Args:
            keep_unsaved: what was not saved is written anew once the room's document is here.
        """
        if keep_unsaved:
            for edit in self.ledger.take_unsaved():
                for entry_id in edit.entry_ids:
                    self._unsaved[entry_id] = (edit, self.setlist.entry(entry_id))
        self.ledger.give_up()
        self.setlist.close()
        self.setlist = SetlistDocument(self.rng)

    async def _write_anew(self) -> None:
        """Unsaved edits of a document that was given up, as one edit of the present one.

        All at once: whoever edits meanwhile would have their change written over by an older one.
        """
        unsaved, self._unsaved = self._unsaved, {}
        with self.setlist.local() as updates:
            for entry_id, (_, entry) in unsaved.items():
                if entry is None:
                    self.setlist.remove(entry_id)
                elif not self.setlist.change(entry_id, **entry.fields):
                    self.setlist.add_as(entry_id, entry.fields)
        edits = [edit for edit, _ in unsaved.values()]
        for edit in edits:
            self.ledger.add(edit)
        if updates:
            self.ledger.sent_update(*edits)
            await self._send(framing.sync(framing.UPDATE, *updates))
        else:
            self.ledger.already_so(edits, self.place.seq)
