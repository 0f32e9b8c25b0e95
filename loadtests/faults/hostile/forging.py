"""Yjs updates (v1) written by hand: what no honest library would produce.

Layout, from Yjs' ``encoding.js`` and ``Item.js``: a number of sections, each with its count of
structs, client id and first clock; then the delete set: per client its ranges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pycrdt import Doc, Map

from loadtests.wire.framing import varuint

ROOT = "entries"
EMPTY = b"\x00\x00"
_ANY = 8
_HAS_PARENT_SUB = 0x20
_HAS_ORIGIN = 0x80
_GC = 0
_SKIP = 10
_STRING = 119
_TRUE = 120


def text(value: str) -> bytes:
    """A length-prefixed string."""
    content = value.encode()
    return varuint(len(content)) + content


def any_string(value: str) -> bytes:
    """A string as an ``any`` value."""
    return bytes((_STRING,)) + text(value)


def root_item(key: str, content: bytes) -> bytes:
    """A struct that writes ``content`` (one ``any``) under ``key`` of the root map."""
    info = _ANY | _HAS_PARENT_SUB
    return bytes((info,)) + b"\x01" + text(ROOT) + text(key) + varuint(1) + content


def item_after(origin_client: int, origin_clock: int, content: bytes) -> bytes:
    """A struct whose left origin is another struct, which may not exist."""
    info = _ANY | _HAS_ORIGIN
    return bytes((info,)) + varuint(origin_client) + varuint(origin_clock) + varuint(1) + content


def gc(length: int) -> bytes:
    """A struct of ``length`` clocks without content."""
    return bytes((_GC,)) + varuint(length)


def skip(length: int) -> bytes:
    """A gap of ``length`` clocks."""
    return bytes((_SKIP,)) + varuint(length)


def update(
    sections: Sequence[tuple[int, int, Sequence[bytes]]],
    deletes: Mapping[int, Sequence[tuple[int, int]]] | None = None,
) -> bytes:
    """An update.

    Args:
        sections: (client id, first clock, structs) each.
        deletes: client id → (clock, length) ranges.
    """
    out = varuint(len(sections))
    for client, clock, structs in sections:
        out += varuint(len(structs)) + varuint(client) + varuint(clock) + b"".join(structs)
    ranges = deletes or {}
    out += varuint(len(ranges))
    for client, spans in ranges.items():
        out += varuint(client) + varuint(len(spans))
        for clock, length in spans:
            out += varuint(clock) + varuint(length)
    return out


def clock_of(state_vector: bytes, client: int) -> int:
    """The next clock of a client in an encoded state vector; 0 if it is not there."""
    from loadtests.wire.framing import read_varuint

    count, offset = read_varuint(state_vector, 0)
    for _ in range(count):
        known, offset = read_varuint(state_vector, offset)
        clock, offset = read_varuint(state_vector, offset)
        if known == client:
            return clock
    return 0


class Twin:
    """A throw-away copy of a document, edited under any client id."""

    def __init__(self, state: bytes, client_id: int | None = None) -> None:
        self.doc: Doc[Any] = Doc(client_id=client_id) if client_id is not None else Doc()
        self.entries: Map[Any] = self.doc.get(ROOT, type=Map)
        if state != EMPTY:
            self.doc.apply_update(state)

    def since(self, state_vector: bytes) -> bytes:
        """What was edited here since then, as an update."""
        return self.doc.get_update(state_vector)
