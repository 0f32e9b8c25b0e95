"""One editing, voting, chatting client that keeps a ledger of what it was promised."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from loadtests.wire import ApiClient, Edit, Refused, RoomClient
from loadtests.wire.messages import EventMessage, Welcome

PAUSE_S = (0.02, 0.25)
"""Between two actions of one client."""
OWN_ENTRIES_MAX = 4
"""Entries that one client keeps: 50 of them stay under the document's 300."""
LETTERS = "mprtvwxz"
"""Without vowels and digits: random lines would now and then say what rooms mask."""


@dataclass(slots=True)
class Promise:
    """What the server said about one client's doings in one round of the test."""

    round_id: str
    vote_acked: str | None = None
    vote_unanswered: list[str] = field(default_factory=list)
    """Options sent since the last ack, oldest first."""
    chat_acked: dict[str, str] = field(default_factory=dict)
    """Text → ``chat_message_id``, if the ack named it."""
    chat_said: set[str] = field(default_factory=set)
    ballot_after: str | None = None
    """The ballot that the first welcome after the restart showed."""
    ballots_possible: set[str | None] = field(default_factory=set)
    """What that ballot may be: the last acknowledged one, or one then still unanswered."""
    welcomed_again: bool = False
    refused: list[str] = field(default_factory=list)


@dataclass(slots=True)
class EntryPromise:
    """One own entry: the states that the server may hold after a crash.

    ``saved`` is the last state called durable (``None``: absent); ``since`` are states that
    were sent later and not yet called durable, oldest first.
    """

    saved: str | None = None
    since: list[tuple[Edit, str | None]] = field(default_factory=list)

    def settle(self) -> None:
        """Moves what was saved meanwhile into ``saved``."""
        last = max((i for i, (edit, _) in enumerate(self.since) if edit.is_saved), default=-1)
        if last >= 0:
            self.saved = self.since[last][1]
            del self.since[: last + 1]

    @property
    def possible(self) -> set[str | None]:
        """Titles (``None``: absent) that are no broken promise."""
        return {self.saved, *(title for _, title in self.since)}


class Worker:
    """A guest in the room who acts at random until told to stop."""

    def __init__(
        self,
        name: str,
        api: ApiClient,
        show_id: str,
        seed: int,
        *,
        on_frame: Callable[[str | bytes], None] | None = None,
        quiet_timeout_s: float | None = None,
    ) -> None:
        self.name = name
        self.rng = random.Random(seed)
        self.events: list[EventMessage] = []
        self.snapshots: set[int] = set()
        self.room = RoomClient(
            api,
            show_id,
            rng=random.Random(seed ^ 0x5EED),
            on_welcome=self._welcomed,
            on_event=self.events.append,
            on_frame=on_frame,
            quiet_timeout_s=quiet_timeout_s,
        )
        self.entries: dict[str, EntryPromise] = {}
        self.promise = Promise("")
        self.actions = 0
        self._options = 0
        self._stopping = asyncio.Event()

    def begin(self, round_id: str, options: int) -> None:
        """A new vote round: what was promised before has been checked."""
        self.promise = Promise(round_id)
        self._options = options
        self._stopping.clear()

    async def act(self) -> None:
        """Acts until `stop`; what was begun is waited for, over the restart if need be."""
        async with asyncio.TaskGroup() as tasks:
            while not self._stopping.is_set():
                action = self.rng.choices((self._vote, self._chat, self._edit), (5, 3, 4))[0]
                tasks.create_task(action())
                self.actions += 1
                try:
                    pause_s = self.rng.uniform(*PAUSE_S)
                    await asyncio.wait_for(self._stopping.wait(), pause_s)
                except TimeoutError:
                    continue

    def stop(self) -> None:
        """No new actions from here on."""
        self._stopping.set()

    def settle(self) -> None:
        """Brings the ledger of entries up to date with what was called saved."""
        for promise in self.entries.values():
            promise.settle()

    # --- actions --------------------------------------------------------------------------

    async def _vote(self) -> None:
        promise = self.promise
        if promise.vote_unanswered:
            return  # One at a time: which of two in flight counts would be anybody's guess.
        option = f"o{self.rng.randint(1, self._options)}"
        promise.vote_unanswered.append(option)
        args = {"round_id": promise.round_id, "picks": [{"option_id": option}]}
        try:
            await self.room.command("cast_vote", args, timeout_s=120.0)
        except Refused as refused:
            promise.refused.append(refused.code)
        else:
            promise.vote_acked = option
        promise.vote_unanswered.remove(option)

    async def _chat(self) -> None:
        promise = self.promise
        text = f"{self.name} says {''.join(self.rng.choices(LETTERS, k=24))}"
        promise.chat_said.add(text)
        try:
            ack = await self.room.command("post_chat", {"text": text}, timeout_s=120.0)
        except Refused as refused:
            promise.refused.append(refused.code)
        else:
            promise.chat_acked[text] = str(ack.data.get("chat_message_id", ""))

    async def _edit(self) -> None:
        own = [e for e, promise in self.entries.items() if self.room.setlist.entry(e) is not None]
        title = f"{self.name} plays {self.rng.getrandbits(32):08x}"
        if len(own) < OWN_ENTRIES_MAX:
            section = self.rng.choice(("set1", "set2", "encore1"))
            me = self.room.participant_id
            edit = await self.room.edit(lambda setlist: setlist.add(title, section, me))
            (entry_id,) = edit.entry_ids
            self.entries[entry_id] = EntryPromise()
            self.entries[entry_id].since.append((edit, title))
            return
        entry_id = self.rng.choice(own)
        if self.rng.random() < 0.3:
            edit = await self.room.edit(lambda setlist: setlist.remove(entry_id), entry_id)
            self.entries[entry_id].since.append((edit, None))
        else:
            edit = await self.room.edit(
                lambda setlist: setlist.change(entry_id, title=title), entry_id
            )
            self.entries[entry_id].since.append((edit, title))

    def _welcomed(self, welcome: Welcome) -> None:
        if not welcome.recovered:
            self.snapshots.add(welcome.seq)  # What is before it is in the snapshot.
        if self.promise.welcomed_again or not self.promise.round_id:
            return
        self.promise.welcomed_again = True
        self.promise.ballots_possible = {self.promise.vote_acked, *self.promise.vote_unanswered}
        for ballot in welcome.you.get("ballots", ()):
            if ballot["round_id"] == self.promise.round_id:
                self.promise.ballot_after = str(ballot["picks"][0]["option_id"])
