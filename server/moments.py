"""Moments in addresses: RFC 3339, read more patiently than a parser of bodies would."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from server.field_problems import FieldProblem
from server.problems import ApiError, invalid

_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([ +-])(\d\d:\d\d))"
)
_MICROSECONDS: Final = 6


def read_moment(text: str, field: str) -> datetime:
    """An RFC 3339 date-time as UTC, cut to microseconds (what an event's time has).

    A space stands for the ``+`` of an offset: in an address an unescaped plus is a space. A leap
    second (RFC 3339 section 5.6) counts as the last microsecond before it.

    Raises:
        ApiError: ``validation_failed``.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise not_a_moment(field)
    day, minute, second, fraction, sign, offset = found.groups()
    micros = (fraction or "")[:_MICROSECONDS].ljust(_MICROSECONDS, "0")
    if second == "60":
        second, micros = "59", "9" * _MICROSECONDS
    zone = f"{'-' if sign == '-' else '+'}{offset}" if offset else "+00:00"
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}:{second}.{micros}{zone}")
    except ValueError:
        raise not_a_moment(field) from None
    return in_utc(moment, field)


def in_utc(moment: datetime, field: str) -> datetime:
    """A moment with an offset, without it.

    Raises:
        ApiError: ``validation_failed``: it lies outside of the calendar.
    """
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise not_a_moment(field) from None


def not_a_moment(field: str) -> ApiError:
    """What is said of something that is no moment."""
    return invalid(
        FieldProblem(field, "invalid", "This is no RFC 3339 time, such as 2026-11-21T21:30:00Z.")
    )
