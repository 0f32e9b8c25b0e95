"""Bodies of the calls about invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct


class NewInvitationBody(Struct, frozen=True):
    """``POST /api/shows/{id}/invitations``: to the crew, with a ``role``; or, ``kind: artist``, one
    more for an artist of the line-up. ``email`` says whom it is for."""

    kind: Literal["crew", "artist"]
    role: Literal["artist", "moderator", "curator", "admin", "brand"] | None = None
    artist_id: Annotated[str, Meta(max_length=36)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None


class MadeInvitationView(Struct, frozen=True):
    """A new invitation. ``token`` is shown this once, and ``url`` holds it."""

    id: str
    kind: str
    role: str | None
    artist_id: str | None
    email: str | None
    token: str
    url: str
    created_at: datetime
    expires_at: datetime


class SentInvitationView(Struct, frozen=True):
    """An invitation in the crew's list. ``status``: ``pending``, ``accepted``, ``declined``,
    ``withdrawn`` or ``expired``."""

    id: str
    kind: str
    role: str | None
    artist_id: str | None
    artist: str | None
    email: str | None
    status: str
    created_at: datetime
    expires_at: datetime
    invited_by: str | None
    answered_at: datetime | None
    answered_by: str | None


class InvitationPage(Struct, frozen=True):
    """A show's invitations: those that wait first, then the newest of the others."""

    items: list[SentInvitationView]


class InvitationView(Struct, frozen=True):
    """An invitation as whoever holds its token sees it."""

    id: str
    show_id: str
    kind: str
    role: str | None
    artist_id: str | None
    artist: str | None
    status: str
    expires_at: datetime
    invited_by: str | None
    show_title: str
    show_slug: str
    show_starts_at: datetime
