"""Who is editing, and where: the awareness states of a room's editors on this node.

Ephemeral: never stored, bounded, conflated. The audience is a head count, so an empty state
(``{}``, which every stock provider announces) is no presence and is passed on to nobody.

A client id belongs to the connection (or the other node) that first spoke for it, for as long as
its state is there: nobody moves another person's cursor. When the connection goes, the others
are told that its states are gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from crdt.awareness import AwarenessState, decode_awareness, encode_awareness_states
from crdt.errors import DecodeError
from crdt.frames import AwarenessFrame, decode_frame, encode_awareness
from rooms import limits
from rooms.fanout.connection import Connection

Owner = Connection | str
"""A local connection, or another node's id as ``str``. Hashable."""


_FRAME_BYTES_MAX = limits.AWARENESS_BYTES_MAX * limits.AWARENESS_EDITORS_MAX
"""A frame of another node may hold every editor's state."""


class _Presence(Struct):
    owner: Owner
    clock: int
    state: dict[str, Any]
    heard_at: float


class AwarenessBook:
    """The presences of one room, and which of them the receivers do not know yet."""

    def __init__(self) -> None:
        self._presences: dict[int, _Presence] = {}
        self._owned: dict[Owner, set[int]] = {}
        self._changed: dict[int, AwarenessState] = {}
        self._changed_here: dict[int, AwarenessState] = {}

    def hear(self, owner: Owner, frame: bytes, now: float) -> bool:
        """`say` with a Yjs awareness frame; one that cannot be read is dropped."""
        try:
            decoded = decode_frame(frame)
            if not isinstance(decoded, AwarenessFrame):
                return False
            states = decode_awareness(decoded.payload, _FRAME_BYTES_MAX)
        except DecodeError:
            return False
        return self.say(owner, states, now)

    def say(self, owner: Owner, states: Iterable[AwarenessState], now: float) -> bool:
        """Takes over what an owner says of its own clients; what is not its own is ignored.

        Returns:
            Whether there is something to pass on.
        """
        touched = False
        for said in states:
            touched = self._say_one(owner, said, now) or touched
        return touched

    def leave(self, owner: Owner) -> bool:
        """An owner is gone, and its states with it. Whether there is something to pass on."""
        clients = self._owned.pop(owner, set())
        for client_id in clients:
            self._remove(client_id, self._presences[client_id].clock + 1)
        return bool(clients)

    def owned_by_connections(self) -> Iterable[tuple[int, Connection]]:
        """Client ids that a connection of this node speaks for."""
        for client_id, presence in self._presences.items():
            if not isinstance(presence.owner, str):
                yield client_id, presence.owner

    def expire(self, now: float) -> bool:
        """Forgets other nodes' editors that fell silent (a node that died says no goodbye)."""
        silent = [
            client_id
            for client_id, presence in self._presences.items()
            if isinstance(presence.owner, str)
            and now - presence.heard_at > limits.AWARENESS_SILENCE_S
        ]
        for client_id in silent:
            presence = self._presences[client_id]
            self._owned[presence.owner].discard(client_id)
            self._remove(client_id, presence.clock + 1)
        return bool(silent)

    def take_changes(self) -> tuple[bytes | None, bytes | None]:
        """What changed since the last call, encoded once.

        Returns:
            The Yjs frame payload for this node's receivers, and the one for the other nodes
            (only what was said here); ``None`` where nothing changed.
        """
        here, others = _payload(self._changed.values()), _payload(self._changed_here.values())
        self._changed.clear()
        self._changed_here.clear()
        return here, others

    def everything(self) -> bytes | None:
        """The Yjs frame payload that tells a newcomer who is editing; ``None``: nobody."""
        return _payload(
            AwarenessState(client_id, presence.clock, presence.state)
            for client_id, presence in self._presences.items()
        )

    def _say_one(self, owner: Owner, said: AwarenessState, now: float) -> bool:
        known = self._presences.get(said.client_id)
        if known is None:
            if not said.state or len(self._presences) >= limits.AWARENESS_EDITORS_MAX:
                return False
        elif known.owner != owner and not _are_one_person(known.owner, owner):
            return False
        elif said.clock < known.clock or (said.clock == known.clock and said.state):
            known.heard_at = now
            return False
        if known is not None:
            self._owned[known.owner].discard(said.client_id)
        if not said.state:
            self._remove(said.client_id, said.clock)
            return True
        self._presences[said.client_id] = _Presence(owner, said.clock, said.state, now)
        self._owned.setdefault(owner, set()).add(said.client_id)
        self._change(owner, AwarenessState(said.client_id, said.clock, said.state))
        return True

    def _remove(self, client_id: int, clock: int) -> None:
        presence = self._presences.pop(client_id)
        self._change(presence.owner, AwarenessState(client_id, clock, None))

    def _change(self, owner: Owner, state: AwarenessState) -> None:
        self._changed[state.client_id] = state
        if not isinstance(owner, str):
            self._changed_here[state.client_id] = state


def _are_one_person(one: Owner, other: Owner) -> bool:
    """A participant's new socket takes over from its old one, which may not know yet that it
    is gone. Who is behind another node's editor is not known here."""
    if isinstance(one, str) or isinstance(other, str):
        return False
    return one.participant.participant_id == other.participant.participant_id


def _payload(states: Iterable[AwarenessState]) -> bytes | None:
    listed = list(states)
    return encode_awareness(encode_awareness_states(listed)) if listed else None
