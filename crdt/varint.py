"""lib0's primitive encodings, read with bounds checks and written minimally.

Variable length integers are little endian groups of seven bits, strings are UTF-8 behind
their length in *bytes* (https://github.com/dmonad/lib0, ``encoding.js``). Encodings that no
writer produces (overlong integers) are refused, so that two readers cannot disagree.
"""

from __future__ import annotations

from crdt.errors import DecodeError, DecodeFault

VARUINT_MAX = 2**53 - 1
"""JavaScript's largest safe integer: what lib0 itself accepts."""


class ByteReader:
    """A cursor over bytes that never reads past the end.

    Every method raises :class:`DecodeError` instead of returning something made up.
    """

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.end = len(data)

    @property
    def remaining(self) -> int:
        """Bytes not read yet."""
        return self.end - self.position

    def byte(self) -> int:
        """One unsigned byte."""
        position = self.position
        if position >= self.end:
            raise DecodeError(DecodeFault.TRUNCATED, "a byte was expected")
        self.position = position + 1
        return self.data[position]

    def varuint(self) -> int:
        """An unsigned integer of at most 53 bits, in its shortest form."""
        data, position, end = self.data, self.position, self.end
        if position >= end:
            raise DecodeError(DecodeFault.TRUNCATED, "an integer was expected")
        byte = data[position]
        position += 1
        if byte < 0x80:
            self.position = position
            return byte
        value = byte & 0x7F
        shift = 7
        while True:
            if position >= end:
                raise DecodeError(DecodeFault.TRUNCATED, "an integer has no end")
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 49:
                raise DecodeError(DecodeFault.VARINT, "an integer of more than 53 bits")
        if byte == 0:
            raise DecodeError(DecodeFault.VARINT, "an integer longer than needed")
        if value > VARUINT_MAX:
            raise DecodeError(DecodeFault.VARINT, "an integer of more than 53 bits")
        self.position = position
        return value

    def varint(self) -> int:
        """A signed integer: the first byte holds the sign and six bits."""
        byte = self.byte()
        negative = bool(byte & 0x40)
        value = byte & 0x3F
        shift = 6
        while byte & 0x80:
            if shift > 48:
                raise DecodeError(DecodeFault.VARINT, "a signed integer of more than 53 bits")
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte == 0:
                raise DecodeError(DecodeFault.VARINT, "a signed integer longer than needed")
        if value > VARUINT_MAX:
            raise DecodeError(DecodeFault.VARINT, "a signed integer of more than 53 bits")
        return -value if negative else value

    def take(self, length: int) -> bytes:
        """Exactly ``length`` bytes."""
        start = self.position
        stop = start + length
        if stop > self.end:
            raise DecodeError(DecodeFault.TRUNCATED, f"{length} bytes were announced")
        self.position = stop
        return self.data[start:stop]

    def buffer(self) -> bytes:
        """Bytes behind their length."""
        return self.take(self.varuint())

    def string(self) -> str:
        """Text behind its length in bytes; only valid UTF-8."""
        raw = self.take(self.varuint())
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise DecodeError(DecodeFault.UTF8, "text is not UTF-8") from error

    def count(self, what: str) -> int:
        """A number of things that follow, each of at least one byte."""
        count = self.varuint()
        if count > self.end - self.position:
            raise DecodeError(DecodeFault.TRUNCATED, f"{count} {what} were announced")
        return count

    def expect_end(self) -> None:
        """Raise unless everything has been read."""
        if self.position != self.end:
            raise DecodeError(DecodeFault.TRAILING_BYTES, f"{self.remaining} bytes too many")


def encode_varuint(value: int) -> bytes:
    """The shortest encoding of an unsigned integer.

    Raises:
        ValueError: if it is negative or exceeds 53 bits (our own mistake).
    """
    if not 0 <= value <= VARUINT_MAX:
        raise ValueError(f"{value} is not an unsigned integer of 53 bits")
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_buffer(data: bytes) -> bytes:
    """Bytes behind their length."""
    return encode_varuint(len(data)) + data


def encode_string(text: str) -> bytes:
    """UTF-8 behind its length in bytes (not in characters)."""
    return encode_buffer(text.encode())
