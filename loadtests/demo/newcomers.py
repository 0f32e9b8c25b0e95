"""How the fans meet people who are not of the cast: a hello, an answer, a word about a song."""

from __future__ import annotations

import asyncio
import contextlib
import random

from loadtests.demo.cast import Cast
from loadtests.demo.phrasebook import Phrasebook
from loadtests.demo.tasks import Guarded
from loadtests.wire.messages import EventMessage, StateMessage

QUIET_S = 4.0
"""At most one line to newcomers in this many seconds: nobody wants to be stared at."""
QUIET_BY_OCCASION_S = {
    "to_newcomer_chat": 10.0,
    "to_newcomer_song": 15.0,
    "to_newcomer_wish": 15.0,
    "to_newcomer_arrival": 45.0,
}
"""And at most one of each occasion in so many."""


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
        self._quiet_until: dict[str, float] = {}

    def heard(self, event: EventMessage) -> None:
        """Answers a newcomer's line, song or wish."""
        author = str(event.data.get("participant_id", ""))
        if not author or author in self._cast.participants:
            return
        if event.name == "chat_posted":
            self.present.set()
            self._answer("to_newcomer_chat")
        elif event.name == "song_requested":
            self.present.set()
            self._answer("to_newcomer_wish", song=str(event.data.get("title", ""))[:80])
        elif event.name == "setlist_changed":
            self.present.set()
            for change in event.data.get("entries", ()):
                title = (change.get("after") or {}).get("title")
                if change.get("kind") == "added" and title:
                    self._answer("to_newcomer_song", song=str(title)[:80])
                    return

    def state(self, state: StateMessage) -> None:
        """Follows the head count: whoever is not of the cast is a visitor."""
        if state.name != "head_count":
            return
        visitors = max(0, int(state.data.get("participants", 0)) - self._cast.expected())
        if visitors > self._visitors:
            self._arrival.set()
            self._answer("to_newcomer_arrival")
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

    def _answer(self, occasion: str, **fields: str) -> None:
        now = asyncio.get_running_loop().time()
        until = self._quiet_until
        if now < max(until.get(occasion, 0.0), until.get("any", 0.0)):
            return
        until["any"] = now + QUIET_S
        until[occasion] = now + QUIET_BY_OCCASION_S[occasion]
        self._guarded.start(self._speak(occasion, fields), "answer")

    async def _speak(self, occasion: str, fields: dict[str, str]) -> None:
        await asyncio.sleep(self._rng.uniform(1.5, 3.5))
        if occasion == "to_newcomer_arrival" and not self._visitors:
            return  # Gone again, or a fan who was counted early.
        room = self._cast.somebody()
        text = self._phrases.line(occasion, **fields)
        if room is not None and text is not None:
            await room.command("post_chat", {"text": text}, timeout_s=15.0)
