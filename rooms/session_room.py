"""What a session needs from a room. `rooms.room.Room` is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from rooms.answers import Answer
from rooms.audience import Audience
from rooms.commands import Envelope
from rooms.events import Event
from rooms.hub import Hub
from rooms.messages import StateMessage
from rooms.participants import Participant
from rooms.ports import Head
from rooms.states import You


class SessionRoom(Protocol):
    """One show's room, seen from a socket."""

    show_id: str
    hub: Hub

    @property
    def closed(self) -> bool: ...
    @property
    def epoch(self) -> str: ...
    @property
    def head(self) -> Head: ...

    def submit(self, envelope: Envelope, reply: Callable[[Answer], None]) -> None:
        """Raises `Retryable` ``room_busy``."""
        ...

    async def space(self) -> None: ...
    async def admit(self, participant: Participant) -> None: ...
    def you(self, participant: Participant) -> You: ...
    def snapshot(self, participant: Participant) -> msgspec.Raw: ...
    async def events_since(self, seq: int) -> Sequence[Event] | None: ...
    def render_state(self, name: str, key: str, audience: Audience) -> StateMessage | None: ...
    def state_keys(self) -> Iterable[tuple[str, str]]: ...
    def is_removed(self, participant_id: str) -> bool: ...
    def sync_step1(self) -> bytes: ...
    def sync_step2(self, state_vector: bytes) -> bytes: ...
