"""Who did what last, so that two people who drive a room at once see each other's hands.

Crew alone is told: an event's ``by`` is in its ``crew_data``, and a refusal that another hand
caused says whose (`rooms.messages.Reject.meanwhile`).
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Actor(Struct, frozen=True):
    """Who did something, under the name they had then."""

    participant_id: str
    display_name: str


class Act(Struct, frozen=True, omit_defaults=True):
    """What was last done to something.

    Attributes:
        what: the name of the event, such as ``round_closed``.
        at: when.
        seq: the event's place in the log.
        by: who did it; absent when nobody did: a timer, the server.
    """

    what: str
    at: datetime
    seq: int
    by: Actor | None = None
