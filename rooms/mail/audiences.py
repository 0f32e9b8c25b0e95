"""Whom a show concerns.

- Somebody is *acquainted* with an artist whose room they were in. They hear of a new show of that
  artist; at once, or as they chose. Where they told us where they live and the show is further than
  `TRAVELS_KM` away, it waits for their weekly digest.
- Whoever lives within `NEAR_KM` and knows none of its artists finds the show in the digest, under
  "near you".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from msgspec import Struct

from rooms.catalogue.distances import RADIUS_KM_DEFAULT

NEAR_KM: Final = RADIUS_KM_DEFAULT
"""As near as the pages for finding take it."""

TRAVELS_KM: Final = 400.0
"""What somebody drives for an artist they know: further away it is no news of the day."""


class Acquainted(Struct, frozen=True):
    """Somebody who was in a room of ``artist``. Without a home neither ``near`` nor ``far``."""

    account_id: str
    artist: str
    language: str
    near: bool
    far: bool


class Joined(Struct, frozen=True):
    """Somebody who joined a show to come."""

    attendee_id: str
    account_id: str
    show_id: str
    starts_at: datetime
    language: str


class Audiences(Protocol):
    """Finds them."""

    def acquainted(self, show_id: str) -> AsyncIterator[Sequence[Acquainted]]:
        """Those who were in a room of one of a show's artists, in portions."""
        ...

    async def joined(
        self, after: datetime, until: datetime, before: timedelta, key: str
    ) -> Sequence[Joined]:
        """Those who joined shows that begin between these, and have no message of this key."""
        ...
