"""Bodies of the calls that prove a phone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct


class NewPhoneCodeBody(Struct, frozen=True):
    """``POST /api/shows/{id}/phone``: nothing is asked."""


class PhoneCodeView(Struct, frozen=True):
    """A code, and how it is used: ``text`` is texted to ``number`` (as it is printed) before
    ``expires_at``."""

    code: str
    text: str
    number: str
    expires_at: datetime


class AppPhoneView(Struct, frozen=True, omit_defaults=True):
    """What is known of the caller's phone in this show. ``pending``: a code waits to be texted."""

    state: Literal["none", "pending", "confirmed"]
    number_masked: str | None = None


class ConfirmBody(Struct, frozen=True):
    """``POST /api/attendees/{id}/confirm``: the token of the link in a text."""

    token: Annotated[str, Meta(min_length=1, max_length=64)]


class ConfirmedView(Struct, frozen=True, kw_only=True):
    """Phone and app are one attendee. ``merged``: they were two until now, with two votes."""

    attendee_id: str
    show_id: str
    show_slug: str
    state: Literal["active"] = "active"
    merged: bool
