"""When digests go out, and what belongs into which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from rooms.mail.decisions import Mailbox
from rooms.mail.kinds import COLLECTED, Frequency, MailType

HOUR: Final = 9
"""Digests go out at nine in the morning, where somebody lives; unknown: by UTC."""

WEEKDAY: Final = 3
"""Thursdays: before the weekend, when most shows are."""

AHEAD: Final = {Frequency.DAILY: timedelta(days=2), Frequency.WEEKLY: timedelta(days=8)}
"""How far ahead "you are going" looks: to the next digest and a day beyond it."""

NEAR_AHEAD: Final = timedelta(days=30)
"""Shows near somebody that a digest tells of."""


class Times(Struct, frozen=True):
    """When the next digests go out; ``None``: none of that kind is wanted."""

    daily_at: datetime | None
    weekly_at: datetime | None


def next_times(mailbox: Mailbox, zone: str | None, now: datetime) -> Times:
    """The next digests of somebody."""
    wanted = {mailbox.frequency(kind) for kind in (*COLLECTED, MailType.REMINDER)}
    overview = overview_every(mailbox)
    daily = Frequency.DAILY in wanted or overview is Frequency.DAILY
    weekly = Frequency.WEEKLY in wanted or overview is Frequency.WEEKLY
    return Times(
        next_at(Frequency.DAILY, zone, now) if daily else None,
        next_at(Frequency.WEEKLY, zone, now) if weekly else None,
    )


def overview_every(mailbox: Mailbox) -> Frequency | None:
    """How often somebody wants to hear what is on near them; at once means daily."""
    match mailbox.frequency(MailType.DIGEST):
        case Frequency.NEVER:
            return None
        case Frequency.IMMEDIATE:
            return Frequency.DAILY
        case every:
            return every


def tells_of_coming(mailbox: Mailbox, frequency: Frequency) -> bool:
    """Whether a digest lists the shows that somebody joined: it is their overview, or stands in
    for reminders."""
    return frequency in (overview_every(mailbox), mailbox.frequency(MailType.REMINDER))


def next_at(frequency: Frequency, zone: str | None, now: datetime) -> datetime:
    """The next morning after ``now``; of weekly ones the next Thursday's."""
    place = ZoneInfo(zone) if zone else UTC
    local = now.astimezone(place)
    at = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if at <= local:
        at += timedelta(days=1)
    if frequency is Frequency.WEEKLY:
        at += timedelta(days=(WEEKDAY - at.weekday()) % 7)
    return at.astimezone(UTC)
