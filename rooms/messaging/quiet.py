"""When somebody may be disturbed: not at night, where they are.

Nobody tells where a phone is. Its number says which zones it may be in; a phone that came to a
show is at its place if its number may be. With several zones left it must be day in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone as phone_zones

QUIET_FROM = time(21)
QUIET_TO = time(8)
"""Nothing is sent between these, at the recipient."""

FALLBACK_ZONE = "UTC"
ZONES_MAX = 12
"""A number that may be in more zones than these (toll-free, satellite) says nothing."""


def zones_of_number(number: str) -> tuple[str, ...]:
    """Zones that a number (E.164) may be in; none where its plan does not tell."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ()
    zones = tuple(phone_zones.time_zones_for_number(parsed))
    if len(zones) > ZONES_MAX:
        return ()
    return tuple(zone for zone in zones if zone != phone_zones.UNKNOWN_TIMEZONE)


def zones_for(number: str | None, place: str | None) -> tuple[str, ...]:
    """Zones to keep quiet by.

    Args:
        number: E.164, for a phone.
        place: the zone of the show, or of the account's city.
    """
    own = zones_of_number(number) if number else ()
    if place is not None and (not own or place in own):
        return (place,)
    return own or (FALLBACK_ZONE,)


def is_quiet(at: datetime, zones: Sequence[str]) -> bool:
    """Whether it is night in one of the zones."""
    return any(_is_night(at.astimezone(_zone(zone))) for zone in zones)


def next_awake(at: datetime, zones: Sequence[str]) -> datetime:
    """The first moment from ``at`` on at which it is day in all zones.

    Where there is none (zones on opposite sides of the world) the first zone decides.
    """
    moment = at
    for _ in range(2 * len(zones) + 2):
        nights = [zone for zone in zones if _is_night(moment.astimezone(_zone(zone)))]
        if not nights:
            return moment
        moment = max(_morning(moment, zone) for zone in nights)
    return next_awake(at, zones[:1]) if len(zones) > 1 else moment


def morning_after(at: datetime, zones: Sequence[str]) -> datetime:
    """The first morning after ``at`` at which it is day in all zones."""
    return next_awake(max(_morning(at, zone) for zone in zones), zones)


def _morning(at: datetime, zone: str) -> datetime:
    """The next ``QUIET_TO`` after a moment, in a zone."""
    local = at.astimezone(_zone(zone))
    day = local.date() if local.time() < QUIET_TO else local.date() + timedelta(days=1)
    morning = datetime.combine(day, QUIET_TO, tzinfo=_zone(zone))
    return morning.astimezone(at.tzinfo)


def _is_night(local: datetime) -> bool:
    return local.time() >= QUIET_FROM or local.time() < QUIET_TO


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(FALLBACK_ZONE)
