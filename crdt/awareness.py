"""Awareness payloads: who is editing, where the cursor is. Ephemeral, never stored.

``varuint count`` then per client ``varuint client id, varuint clock, varstring JSON``
(https://github.com/yjs/y-protocols, ``awareness.js``). Any client can write any client id:
a room binds ids to connections and passes on only what :func:`restrict` leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from crdt.errors import DecodeError, DecodeFault
from crdt.state_vector import CLOCK_MAX
from crdt.varint import ByteReader, encode_string, encode_varuint

AWARENESS_CLIENTS_MAX = 64
"""States in one payload; a provider sends its own, a server those of a room's editors."""

AWARENESS_DEPTH_MAX = 16
"""Nesting of one state. Cursors and names need three or four levels."""


class AwarenessState(msgspec.Struct, frozen=True):
    """One client's state at one clock; ``state`` is None when the client has left."""

    client_id: int
    clock: int
    state: dict[str, Any] | None


def decode_awareness(payload: bytes, payload_bytes_max: int = 4096) -> tuple[AwarenessState, ...]:
    """Read an awareness payload.

    Args:
        payload: the body of an :class:`~crdt.frames.AwarenessFrame`.
        payload_bytes_max: larger ones are refused unread, in bytes.

    Raises:
        DecodeError: on everything that is not a list of distinct clients with a JSON object
            or null each.
    """
    if len(payload) > payload_bytes_max:
        raise DecodeError(DecodeFault.TOO_LARGE, f"awareness of {len(payload)} bytes")
    reader = ByteReader(payload)
    count = reader.count("awareness states")
    if count > AWARENESS_CLIENTS_MAX:
        raise DecodeError(DecodeFault.TOO_MANY, f"{count} awareness states")
    states: dict[int, AwarenessState] = {}
    for _ in range(count):
        client_id = reader.varuint()
        clock = reader.varuint()
        if clock > CLOCK_MAX:
            raise DecodeError(DecodeFault.TOO_LARGE, "an awareness clock of more than 31 bits")
        if client_id in states:
            raise DecodeError(DecodeFault.DUPLICATE, "an awareness client appears twice")
        states[client_id] = AwarenessState(client_id, clock, _decode_state(reader.string()))
    reader.expect_end()
    return tuple(states.values())


def _decode_state(text: str) -> dict[str, Any] | None:
    _bound_depth(text)
    try:
        state = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise DecodeError(DecodeFault.JSON, "an awareness state is not JSON") from error
    if state is not None and not isinstance(state, dict):
        raise DecodeError(DecodeFault.JSON, "an awareness state is not an object")
    return state


def _bound_depth(text: str) -> None:
    """Refuse deep nesting before a recursive parser meets it; brackets in strings count too."""
    depth = 0
    for character in text:
        if character in "[{":
            depth += 1
            if depth > AWARENESS_DEPTH_MAX:
                raise DecodeError(DecodeFault.TOO_DEEP, "an awareness state is nested too deeply")
        elif character in "]}":
            depth -= 1


def encode_awareness_states(states: Iterable[AwarenessState]) -> bytes:
    """Write an awareness payload (to be framed by :func:`crdt.frames.encode_awareness`)."""
    listed = tuple(states)
    parts = [encode_varuint(len(listed))]
    for state in listed:
        parts.append(encode_varuint(state.client_id) + encode_varuint(state.clock))
        parts.append(encode_string(msgspec.json.encode(state.state).decode()))
    return b"".join(parts)


def restrict(
    states: Iterable[AwarenessState], allowed_client_ids: Collection[int]
) -> tuple[AwarenessState, ...]:
    """Keep the states of the clients that a connection may speak for."""
    return tuple(state for state in states if state.client_id in allowed_client_ids)


def departed(last_clocks: dict[int, int]) -> tuple[AwarenessState, ...]:
    """States that tell the others that these clients left.

    Args:
        last_clocks: client id to the last clock that it used.
    """
    return tuple(AwarenessState(client, clock + 1, None) for client, clock in last_clocks.items())
