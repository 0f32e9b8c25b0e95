"""Where a page of a list ends, opaque to clients."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from server.field_problems import FieldProblem
from server.problems import ApiError, invalid

T = TypeVar("T")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time in a cursor; one without an offset is none."""


def write_cursor(position: Any) -> str:
    """A position as a word that may stand in an address."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def read_cursor(text: str, kind: type[T]) -> T:
    """The position in a cursor.

    Raises:
        ApiError: it is none of ours.
    """
    try:
        raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise no_cursor() from None


def no_cursor() -> ApiError:
    """What is said of a cursor that is none of ours."""
    return invalid(FieldProblem("cursor", "invalid", "This is no cursor of ours."))
