"""lib0's self-describing values (``writeAny``), bounded in depth.

https://github.com/dmonad/lib0, ``encoding.js``: tags 116 (bytes) to 127 (undefined).
"""

from __future__ import annotations

import struct
from enum import Enum
from typing import Final, TypeAlias

from crdt.errors import DecodeError, DecodeFault
from crdt.varint import ByteReader

VALUE_DEPTH_MAX = 16
"""Nested arrays and objects in one value; the setlist's own values have none."""


class Undefined(Enum):
    """JavaScript's ``undefined``, which is not ``null``."""

    UNDEFINED = "undefined"


UNDEFINED: Final = Undefined.UNDEFINED

AnyValue: TypeAlias = (
    "str | bool | int | float | bytes | Undefined | list[AnyValue] | dict[str, AnyValue] | None"
)


def read_any(reader: ByteReader, depth: int = 0) -> AnyValue:
    """Read one value.

    Raises:
        DecodeError: unknown tags, nesting over ``VALUE_DEPTH_MAX``, or anything truncated.
    """
    match reader.byte():
        case 119:
            return reader.string()
        case 121:
            return False
        case 120:
            return True
        case 126:
            return None
        case 127:
            return UNDEFINED
        case 125:
            return reader.varint()
        case 124:
            return float(struct.unpack(">f", reader.take(4))[0])
        case 123:
            return float(struct.unpack(">d", reader.take(8))[0])
        case 122:
            return int.from_bytes(reader.take(8), "big", signed=True)
        case 116:
            return reader.buffer()
        case 117 | 118 as tag:
            return _read_container(reader, tag, depth + 1)
        case tag:
            raise DecodeError(DecodeFault.UNKNOWN_TYPE, f"value tag {tag}")


def _read_container(reader: ByteReader, tag: int, depth: int) -> AnyValue:
    if depth > VALUE_DEPTH_MAX:
        raise DecodeError(DecodeFault.TOO_DEEP, "a value is nested too deeply")
    count = reader.count("values")
    if tag == 117:
        return [read_any(reader, depth) for _ in range(count)]
    result: dict[str, AnyValue] = {}
    for _ in range(count):
        key = reader.string()
        result[key] = read_any(reader, depth)
    return result
