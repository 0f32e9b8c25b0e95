"""When a message of a kind may go, by what people have agreed to.

Somebody who confirmed for a show agreed to its night and to a recap on the morning after. From
DOMAIN "SMS":

==========  ===========================================  =========================
kind        from                                         until
==========  ===========================================  =========================
NUDGE       at once, also at night                       an hour after the show
RESULTS     at once, also at night                       an hour after the show
RECAP       the morning after the show, at the recipient  the end of the next day
BROADCAST   now or by day, at the recipient              as RECAP
==========  ===========================================  =========================

Mail wakes nobody: it keeps no quiet hours. It has the same ends.

A long queue, a pause or a carrier in trouble may bring a message into the night that was made by
day: it is judged again when it is handed over (`waits_until`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from rooms.messaging.kinds import BROADCAST_KINDS, PHONE_CHANNELS, Channel, MessageKind
from rooms.messaging.quiet import morning_after, next_awake
from rooms.show import ShowStatus

AFTER_THE_SHOW = timedelta(hours=1)
"""How long after its end a show's night lasts."""

SHOW_LENGTH = timedelta(hours=6)
"""Of a show whose end is not announced."""

NIGHT_MAX = timedelta(hours=12)
"""A show that nobody closes is over by then, whatever its status says."""

AFTERMATH = timedelta(hours=38)
"""After a show's end: the evening of the next day, whenever the show ended."""

NIGHT_KINDS = frozenset({MessageKind.NUDGE, MessageKind.RESULTS})
"""Kinds that may go at night, because they are about this night."""


class ShowNight(Struct, frozen=True, kw_only=True):
    """What is known of a show's time.

    Attributes:
        ended_at: when it was closed or cancelled.
        live_since: when it was opened, while it is live.
        zone: of its venue.
    """

    status: ShowStatus
    starts_at: datetime
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    live_since: datetime | None = None
    zone: str | None = None

    @property
    def end(self) -> datetime:
        """The show's end as far as it is known."""
        if self.ended_at is not None:
            return self.ended_at
        announced = self.ends_at or self.starts_at + SHOW_LENGTH
        if self.status is ShowStatus.LIVE:
            return max(announced, (self.live_since or self.starts_at) + NIGHT_MAX)
        return announced


class Window(Struct, frozen=True):
    """When one message may go. Empty when ``due_at`` is not before ``expires_at``."""

    due_at: datetime
    expires_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether there is any time left."""
        return self.due_at < self.expires_at


def last_moment(kind: MessageKind, night: ShowNight) -> datetime:
    """From when on a kind may not go any more, to anybody."""
    return night.end + (AFTER_THE_SHOW if kind in NIGHT_KINDS else AFTERMATH)


def window(
    kind: MessageKind, channel: Channel, night: ShowNight, zones: Sequence[str], at: datetime
) -> Window:
    """When a message of a broadcast may go to one person.

    Args:
        zones: `rooms.messaging.quiet.zones_for` of the person.
        at: from when on it is wanted.
    """
    expires_at = last_moment(kind, night)
    if kind in NIGHT_KINDS:
        return Window(at, expires_at)
    if kind is MessageKind.RECAP:
        morning = morning_after(night.end, zones)
        at = max(at, morning)
    if channel in PHONE_CHANNELS:
        at = next_awake(at, zones)
    return Window(at, expires_at)


def waits_until(
    kind: MessageKind, channel: Channel, zones: Sequence[str], at: datetime
) -> datetime | None:
    """Until when a message that is due has to wait, because it is night at its recipient; ``None``:
    it may go at ``at``.

    Args:
        zones: `rooms.messaging.quiet.zones_for` of the person.
    """
    if kind not in BROADCAST_KINDS - NIGHT_KINDS or channel not in PHONE_CHANNELS:
        return None
    awake = next_awake(at, zones)
    return awake if awake > at else None
