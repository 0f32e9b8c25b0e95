"""How the fans meet people who are not of the cast: a hello, an answer, a word about a song."""

from __future__ import annotations

import asyncio
import contextlib
import random

from loadtests.demo.cast import Cast
from loadtests.demo.phrasebook import Phrasebook
from loadtests.demo.tasks import Guarded
from loadtests.wire.messages import EventMessage, StateMessage

QUIET_S = 12.0
"""At most one such line in this many seconds: nobody wants to be stared at."""
ARRIVAL_QUIET_S = 45.0


class Newcomers:
    """Notices newcomers by what they do and by the head count."""

    def __init__(
        self, cast: Cast, phrases: Phrasebook, guarded: Guarded, rng: random.Random
    ) -> None:
        self.present = asyncio.Event()
        """Set while somebody is in the room who is not of the cast."""
        self._arrival = asyncio.Event()
        self._cast = cast
        self._phrases = phrases
        self._guarded = guarded
        self._rng = rng
        self._visitors = 0
        self._quiet_until = 0.0

    def heard(self, event: EventMessage) -> None:
        """Answers a newcomer's line or song."""
        author = str(event.data.get("participant_id", ""))
        if not author or author in self._cast.participants:
            return
        if event.name == "chat_posted":
            self.present.set()
            self._answer("to_newcomer_chat", QUIET_S)
        elif event.name == "setlist_changed":
            self.present.set()
            for change in event.data.get("entries", ()):
                title = (change.get("after") or {}).get("title")
                if change.get("kind") == "added" and title:
                    self._answer("to_newcomer_song", QUIET_S, song=str(title)[:80])
                    return

    def state(self, state: StateMessage) -> None:
        """Follows the head count: whoever is not of the cast is a visitor."""
        if state.name != "head_count":
            return
        visitors = max(0, int(state.data.get("participants", 0)) - self._cast.expected())
        if visitors > self._visitors:
            self._arrival.set()
            self._answer("to_newcomer_arrival", ARRIVAL_QUIET_S)
        self._visitors = visitors
        if visitors:
            self.present.set()
        else:
            self.present.clear()

    async def arrived(self, timeout_s: float) -> None:
        """Returns when somebody new comes in, or after the time is up."""
        self._arrival.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._arrival.wait(), timeout_s)

    def _answer(self, occasion: str, quiet_s: float, **fields: str) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._quiet_until:
            return
        self._quiet_until = now + quiet_s
        self._guarded.start(self._speak(occasion, fields), "answer")

    async def _speak(self, occasion: str, fields: dict[str, str]) -> None:
        await asyncio.sleep(self._rng.uniform(1.5, 3.5))
        if occasion == "to_newcomer_arrival" and not self._visitors:
            return  # Gone again, or a fan who was counted early.
        room = self._cast.somebody()
        text = self._phrases.line(occasion, **fields)
        if room is not None and text is not None:
            await room.command("post_chat", {"text": text}, timeout_s=15.0)
