"""Bodies of the calls about displays."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from rooms import limits
from rooms.participants import DisplayKind

Name = Annotated[str, Meta(min_length=1, max_length=limits.DISPLAY_NAME_CHARACTERS_MAX)]


class NewDisplayBody(Struct, frozen=True):
    """``POST /api/shows/{id}/displays``. ``name``: where it stands, for the crew's list."""

    kind: DisplayKind
    name: Name


class MadeDisplayView(Struct, frozen=True):
    """A new display. ``token`` is shown this once; ``url`` holds it behind ``#``, where no log
    sees it."""

    id: str
    show_id: str
    kind: DisplayKind
    name: str
    token: str
    url: str
    created_at: datetime


class DisplayView(Struct, frozen=True):
    """A display of a show. ``last_seen_at``: when it was last connected, to half a minute."""

    id: str
    kind: DisplayKind
    name: str
    created_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None


class DisplayPage(Struct, frozen=True):
    """A show's displays: those in use, then those that were revoked lately; newest first."""

    items: list[DisplayView]


class DisplayTicketView(Struct, frozen=True):
    """A display's ticket and the socket's URL that holds it; first use before ``expires_at``."""

    ticket: str
    url: str
    expires_at: datetime
