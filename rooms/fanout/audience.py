"""Who sees the same bytes."""

from __future__ import annotations

from msgspec import Struct


class Audience(Struct, frozen=True):
    """A set of participants for whom a message is encoded once.

    Attributes:
        crew: sees hidden tallies and moderation.
        voted: has a ballot in the round that the message is about; nothing else depends on it.
    """

    crew: bool
    voted: bool


CREW = Audience(crew=True, voted=True)
VOTED = Audience(crew=False, voted=True)
REST = Audience(crew=False, voted=False)
