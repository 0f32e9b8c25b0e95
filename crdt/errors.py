"""What can go wrong with bytes: one tree, so that a door can map it to one close code."""

from __future__ import annotations

from enum import StrEnum


class DecodeFault(StrEnum):
    """Why bytes could not be read; stable, for metrics and tests."""

    TRUNCATED = "truncated"
    TRAILING_BYTES = "trailing_bytes"
    VARINT = "varint"
    UTF8 = "utf8"
    JSON = "json"
    UNKNOWN_TYPE = "unknown_type"
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    DUPLICATE = "duplicate"


class CrdtError(Exception):
    """Base of everything that this package raises."""


class DecodeError(CrdtError):
    """The bytes are not what they claim to be. Always the sender's mistake.

    Args:
        fault: which rule the bytes break.
        detail: for logs, never the bytes themselves.
    """

    def __init__(self, fault: DecodeFault, detail: str) -> None:
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault
        self.detail = detail


class PendingError(CrdtError):
    """An update depends on something that nobody here has seen; it would wait for ever."""


class DocumentError(CrdtError):
    """The CRDT library refused or panicked. The document that raised it must be discarded."""


class EditError(CrdtError):
    """A server-side edit that the schema does not allow. Our own mistake, never a client's.

    Args:
        code: a ``RefusalCode`` value.
        detail: what was wrong.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
