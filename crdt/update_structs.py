"""What is inside a Yjs update (version 1): structs per client, and a set of deletions."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import msgspec

from crdt.any_value import AnyValue


class Id(NamedTuple):
    """One clock of one client: the name of one element, for ever."""

    client: int
    clock: int


class ContentKind(IntEnum):
    """Content references of Yjs (``structs/Item.js``); GC and SKIP are structs of their own."""

    GC = 0
    DELETED = 1
    JSON = 2
    BINARY = 3
    STRING = 4
    EMBED = 5
    FORMAT = 6
    TYPE = 7
    ANY = 8
    DOC = 9
    SKIP = 10


class TypeRef(IntEnum):
    """Shared types of Yjs (``structs/ContentType.js``)."""

    ARRAY = 0
    MAP = 1
    TEXT = 2
    XML_ELEMENT = 3
    XML_FRAGMENT = 4
    XML_HOOK = 5
    XML_TEXT = 6


class UpdateStruct(msgspec.Struct, frozen=True, gc=False):
    """One run of elements by one client.

    Parent information is present only where the wire has it: an item with an origin takes its
    parent and key from there.

    Attributes:
        length: number of clocks, at least 1; for text in UTF-16 units.
        parent_root: name of the root type, if the parent is one.
        parent_id: the item that holds the parent type, if the parent is nested.
        parent_sub: key in a map; None for elements of sequences (or if not on the wire).
        value: ANY: the value (a list if ``length`` > 1); TYPE: the ``TypeRef``; STRING: the
            text; otherwise None.
        start, content_start, end: offsets into the update's bytes.
    """

    client: int
    clock: int
    length: int
    kind: ContentKind
    start: int
    content_start: int
    end: int
    origin: Id | None = None
    right_origin: Id | None = None
    parent_root: str | None = None
    parent_id: Id | None = None
    parent_sub: str | None = None
    value: AnyValue = None

    @property
    def id(self) -> Id:
        """The first of its clocks."""
        return Id(self.client, self.clock)

    @property
    def clock_end(self) -> int:
        """The first clock after it."""
        return self.clock + self.length


class ClientSection(msgspec.Struct, frozen=True, gc=False):
    """Consecutive structs of one client, from ``clock`` on."""

    client: int
    clock: int
    clock_end: int
    structs: tuple[UpdateStruct, ...]


class DeleteRange(NamedTuple):
    """Elements ``clock`` to ``clock + length - 1`` of one client are deleted."""

    client: int
    clock: int
    length: int


class ParsedUpdate(msgspec.Struct, frozen=True, gc=False):
    """A whole update. ``deletes_start`` is where the delete set begins in ``data``."""

    data: bytes
    sections: tuple[ClientSection, ...]
    deletes: tuple[DeleteRange, ...]
    deletes_start: int

    @property
    def struct_count(self) -> int:
        """Structs of all clients."""
        return sum(len(section.structs) for section in self.sections)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.deletes and not any(section.structs for section in self.sections)
