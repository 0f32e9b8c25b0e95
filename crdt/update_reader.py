"""A complete reader of Yjs updates, version 1, that trusts no length.

The CRDT library applies updates but does not show what is in them; the guard has to know
before anything is applied. Format: https://github.com/yjs/yjs, ``utils/encoding.js``,
``structs/*.js``. Where Yjs and yrs read the same bytes differently (unused bits of the info
byte, clocks beyond 31 bits) the bytes are refused.
"""

from __future__ import annotations

import msgspec

from crdt.any_value import AnyValue, read_any
from crdt.errors import DecodeError, DecodeFault
from crdt.state_vector import CLOCK_MAX
from crdt.update_structs import (
    ClientSection,
    ContentKind,
    DeleteRange,
    Id,
    ParsedUpdate,
    TypeRef,
    UpdateStruct,
)
from crdt.varint import ByteReader

_HAS_ORIGIN = 0x80
_HAS_RIGHT_ORIGIN = 0x40
_HAS_PARENT_SUB = 0x20
_KIND_BITS = 0x1F
_JSON_CHARACTERS_MAX = 64 * 1024
_JSON_DEPTH_MAX = 16
_KINDS = tuple(ContentKind)


def read_update(data: bytes, elements_max: int | None = None) -> ParsedUpdate:
    """Parse an update completely.

    Args:
        data: the update.
        elements_max: most structs and deleted ranges, together; None for trusted updates.

    Raises:
        DecodeError: truncated or trailing bytes, unknown content, wrong integers or text, a
            client that appears twice, clocks beyond 31 bits, nesting that is too deep,
            deletions that are not in order, more elements than allowed.
    """
    reader = ByteReader(data)
    left = len(data) if elements_max is None else elements_max
    sections: list[ClientSection] = []
    seen: set[int] = set()
    for _ in range(_bounded(reader.count("clients"), left)):
        section = _read_section(reader, left)
        left -= len(section.structs)
        if section.client in seen:
            raise DecodeError(DecodeFault.DUPLICATE, "a client has two sections")
        seen.add(section.client)
        sections.append(section)
    deletes_start = reader.position
    deletes = _read_deletes(reader, left)
    reader.expect_end()
    return ParsedUpdate(data, tuple(sections), deletes, deletes_start)


def _read_section(reader: ByteReader, elements_max: int) -> ClientSection:
    count = _bounded(reader.count("structs"), elements_max)
    client = reader.varuint()
    first = clock = reader.varuint()
    if count > reader.remaining:
        raise DecodeError(DecodeFault.TRUNCATED, f"{count} structs were announced")
    structs: list[UpdateStruct] = []
    for _ in range(count):
        item = _read_struct(reader, client, clock)
        structs.append(item)
        clock += item.length
        if clock > CLOCK_MAX:
            raise DecodeError(DecodeFault.TOO_LARGE, "a clock of more than 31 bits")
    return ClientSection(client, first, clock, tuple(structs))


def _read_struct(reader: ByteReader, client: int, clock: int) -> UpdateStruct:
    start = reader.position
    info = reader.byte()
    reference = info & _KIND_BITS
    if reference > ContentKind.SKIP:
        raise DecodeError(DecodeFault.UNKNOWN_TYPE, f"content {reference}")
    kind = _KINDS[reference]
    if kind is ContentKind.GC or kind is ContentKind.SKIP:
        if info != reference:
            raise DecodeError(DecodeFault.UNKNOWN_TYPE, f"info byte {info}")
        content_start = reader.position
        length = _length(reader)
        return UpdateStruct(client, clock, length, kind, start, content_start, reader.position)
    origin = right_origin = parent_id = None
    parent_root = parent_sub = None
    if info & _HAS_ORIGIN:
        origin = Id(reader.varuint(), reader.varuint())
    if info & _HAS_RIGHT_ORIGIN:
        right_origin = Id(reader.varuint(), reader.varuint())
    if origin is None and right_origin is None:
        match reader.varuint():
            case 1:
                parent_root = reader.string()
            case 0:
                parent_id = Id(reader.varuint(), reader.varuint())
            case other:
                raise DecodeError(DecodeFault.UNKNOWN_TYPE, f"parent information {other}")
        if info & _HAS_PARENT_SUB:
            parent_sub = reader.string()
    content_start = reader.position
    length, value = _read_content(reader, kind)
    return UpdateStruct(
        client,
        clock,
        length,
        kind,
        start,
        content_start,
        reader.position,
        origin,
        right_origin,
        parent_root,
        parent_id,
        parent_sub,
        value,
    )


def _read_content(reader: ByteReader, kind: ContentKind) -> tuple[int, AnyValue]:
    """Length in clocks, and the value where the guard needs it."""
    match kind:
        case ContentKind.ANY:
            count = _count(reader)
            if count == 1:
                return 1, read_any(reader)
            return count, [read_any(reader) for _ in range(count)]
        case ContentKind.DELETED:
            return _length(reader), None
        case ContentKind.TYPE:
            return 1, _read_type(reader)
        case ContentKind.STRING:
            text = reader.string()
            if not text:
                raise DecodeError(DecodeFault.TRUNCATED, "an empty text run")
            return _utf16_length(text), text
        case ContentKind.BINARY:
            reader.buffer()
            return 1, None
        case ContentKind.JSON:
            count = _count(reader)
            for _ in range(count):
                _read_json(reader)
            return count, None
        case ContentKind.EMBED:
            _read_json(reader)
            return 1, None
        case ContentKind.FORMAT:
            reader.string()
            _read_json(reader)
            return 1, None
        case ContentKind.DOC:
            reader.string()
            read_any(reader)
            return 1, None
        case _:
            raise DecodeError(DecodeFault.UNKNOWN_TYPE, f"content {kind}")


def _read_type(reader: ByteReader) -> int:
    reference = reader.varuint()
    if reference > TypeRef.XML_TEXT:
        raise DecodeError(DecodeFault.UNKNOWN_TYPE, f"shared type {reference}")
    if reference in (TypeRef.XML_ELEMENT, TypeRef.XML_HOOK):
        reader.string()
    return reference


def _read_json(reader: ByteReader) -> None:
    text = reader.string()
    if text == "undefined":
        return
    if len(text) > _JSON_CHARACTERS_MAX:
        raise DecodeError(DecodeFault.TOO_LARGE, "a JSON value is too long")
    if text.count("[") + text.count("{") > _JSON_DEPTH_MAX:
        raise DecodeError(DecodeFault.TOO_DEEP, "a JSON value has too many brackets")
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError) as error:
        raise DecodeError(DecodeFault.JSON, "a JSON value does not parse") from error


def _read_deletes(reader: ByteReader, elements_max: int) -> tuple[DeleteRange, ...]:
    ranges: list[DeleteRange] = []
    seen: set[int] = set()
    for _ in range(_bounded(reader.count("clients"), elements_max)):
        client = reader.varuint()
        if client in seen:
            raise DecodeError(DecodeFault.DUPLICATE, "a client has two sets of deletions")
        seen.add(client)
        end = 0
        for _ in range(_bounded(reader.count("deletions"), elements_max - len(ranges))):
            clock = reader.varuint()
            length = _length(reader)
            if clock < end:
                # Every writer sorts and merges; a thousand times the same range is a bomb.
                raise DecodeError(DecodeFault.DUPLICATE, "deletions are not in order")
            end = clock + length
            if end > CLOCK_MAX:
                raise DecodeError(DecodeFault.TOO_LARGE, "a clock of more than 31 bits")
            ranges.append(DeleteRange(client, clock, length))
    return tuple(ranges)


def _bounded(count: int, elements_max: int) -> int:
    if count > elements_max:
        raise DecodeError(DecodeFault.TOO_MANY, f"{count} elements")
    return count


def _count(reader: ByteReader) -> int:
    count = reader.count("values")
    if count == 0:
        raise DecodeError(DecodeFault.TRUNCATED, "content without a value")
    return count


def _length(reader: ByteReader) -> int:
    length = reader.varuint()
    if not 0 < length <= CLOCK_MAX:
        raise DecodeError(DecodeFault.TOO_LARGE, f"a length of {length}")
    return length


def _utf16_length(text: str) -> int:
    """JavaScript counts UTF-16 units, and clocks count with it."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)
