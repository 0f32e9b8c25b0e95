"""Who is at the show: a code that is shown there, and whoever types it.

The code changes every five minutes and is made from a secret of the show, so that every node
knows it without asking anybody, and a photograph of it is of no use later in the evening.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct

from rooms.ports import Clock
from rooms.show import ShowStatus
from server.problems import ApiError, not_allowed
from server.rate_limits import CHECK_INS_BY_ACCOUNT, CHECK_INS_BY_DEVICE, RateLimits
from server.security.identity import Identity
from server.shows.attendance import Attendance, is_crew
from server.shows.codes import ALPHABET, CODE_CHARACTERS, same_code
from storage.shows.check_ins import CheckIns

ROTATES_S: Final = 300
"""A code is shown so long, and is taken as long again: it takes a while to type it."""


_DOORS_OPEN: Final = frozenset({ShowStatus.PUBLISHED, ShowStatus.LIVE})
"""Who comes later was not there."""


class CheckInCode(Struct, frozen=True):
    """What the crew shows: at the door, on the screen. ``expires_at``: when it is another."""

    code: str
    expires_at: datetime


class CheckInBody(Struct, frozen=True):
    """``POST /api/shows/{id}/check-in``."""

    code: Annotated[str, Meta(min_length=1, max_length=32)]


class CheckedIn(Struct, frozen=True):
    """Whoever was there."""

    participant_id: str
    checked_in_at: datetime


class CheckInDesk:
    """Shows codes and takes them."""

    def __init__(
        self, store: CheckIns, attendance: Attendance, limits: RateLimits, clock: Clock
    ) -> None:
        self._store = store
        self._attendance = attendance
        self._limits = limits
        self._clock = clock

    async def code(self, show_id: str, identity: Identity) -> CheckInCode:
        """The code of now, for crew.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``.
        """
        if not is_crew(await self._attendance.standing(show_id, identity), identity):
            raise not_allowed("The code is for the show's crew.")
        return await self.shown(show_id)

    async def shown(self, show_id: str) -> CheckInCode:
        """The code of now, for whoever may show it: the caller has seen to that."""
        secret = await self._store.keep_secret(show_id, secrets.token_bytes(32))
        period = _period(self._clock.now())
        ends_at = datetime.fromtimestamp((period + 1) * ROTATES_S, UTC)
        return CheckInCode(code=code_of(secret, period), expires_at=ends_at)

    async def check_in(self, show_id: str, identity: Identity, given: str) -> CheckedIn:
        """Checks the caller in, with the code of now or the one before.

        Raises:
            ApiError: ``wrong_check_in_code``, ``rate_limited``, ``check_in_closed``; what
                `Attendance.join` raises.
        """
        participant = await self._attendance.join(show_id, identity)
        standing = await self._attendance.standing(show_id, identity)
        if standing.status not in _DOORS_OPEN:
            raise ApiError(409, "check_in_closed", "The doors of this show are not open.")
        counted = [(CHECK_INS_BY_ACCOUNT, identity.account_id)]
        if identity.device_id is not None:
            counted.append((CHECK_INS_BY_DEVICE, identity.device_id))
        for rule, who in counted:
            await self._limits.test(rule, who)
        secret = await self._store.secret(show_id)
        now = self._clock.now()
        valid = () if secret is None else _valid_codes(secret, now)
        if not any(same_code(given, code) for code in valid):
            for rule, who in counted:
                await self._limits.hit(rule, who)
            raise ApiError(403, "wrong_check_in_code", "This is not the code that is shown now.")
        at = await self._store.check_in(participant.participant_id, now)
        return CheckedIn(participant_id=participant.participant_id, checked_in_at=at)


def code_of(secret: bytes, period: int) -> str:
    """The code of a period: characters that can be told apart, from an HMAC (as in RFC 6238)."""
    digest = hmac.digest(secret, period.to_bytes(8, "big"), "sha256")
    number = int.from_bytes(digest, "big")
    characters = []
    for _ in range(CODE_CHARACTERS):
        number, place = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[place])
    return "".join(characters)


def _period(now: datetime) -> int:
    return int(now.timestamp()) // ROTATES_S


def _valid_codes(secret: bytes, now: datetime) -> tuple[str, ...]:
    period = _period(now - timedelta(seconds=ROTATES_S))
    return code_of(secret, period), code_of(secret, period + 1)
