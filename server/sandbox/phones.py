"""Simulated phones: who may have them, which numbers they get, what they show."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import Final

from rooms import limits
from rooms.participants import Role
from rooms.ports import Clock, NewId
from rooms.sandbox.numbers import COUNTRIES, numbers_of
from rooms.sandbox.ports import MessageStore, NewPhone, PhoneChange, PhoneStore, TooManyPhones
from rooms.sandbox.records import PhoneChannel, SandboxMessage, SandboxPhone
from server.cursors import Moment, read_cursor, write_cursor
from server.field_problems import FieldProblem
from server.problems import ApiError, invalid, not_allowed, not_found
from server.rate_limits import RateLimits, Rule
from server.sandbox.texts import PhoneTexts, Said
from server.security.identity import Identity
from server.text import one_line

TEXTS_BY_ACCOUNT: Final = Rule("sandbox-texts", 1_200, 60)
"""A crowd of a hundred that joins, votes and changes its mind three times a minute."""

LOOK_EVERY_S: Final = 0.3
"""How often the database is asked while somebody waits for what comes next."""

LOOKERS_MAX: Final = 50
"""Pages that wait on one node."""


class Phones:
    """The simulated phones of whoever calls."""

    def __init__(
        self,
        phones: PhoneStore,
        messages: MessageStore,
        texts: PhoneTexts,
        limiter: RateLimits,
        clock: Clock,
        new_id: NewId,
        rng: random.Random,
    ) -> None:
        self._phones = phones
        self._messages = messages
        self._texts = texts
        self._limits = limiter
        self._clock = clock
        self._new_id = new_id
        self._rng = rng
        self._lookers = 0

    async def of(self, identity: Identity) -> list[SandboxPhone]:
        """The caller's phones.

        Raises:
            ApiError: ``not_allowed``.
        """
        await self._may(identity)
        return await self._phones.of_account(identity.account_id)

    async def head(self) -> int:
        """From where on changes are to be followed."""
        return await self._messages.head()

    async def add(
        self,
        identity: Identity,
        *,
        name: str,
        channel: PhoneChannel,
        country: str,
        count: int,
        crowd: bool,
        first_id: str,
    ) -> list[SandboxPhone]:
        """New phones, with numbers that nobody has.

        Raises:
            ApiError: ``not_allowed``, ``validation_failed``, ``too_many_phones``.
        """
        await self._may(identity)
        if country not in COUNTRIES:
            raise invalid(FieldProblem("country", "unknown_country", "No number for fiction."))
        title = one_line(name)
        if not title:
            raise invalid(FieldProblem("name", "empty", "A phone needs a name."))
        numbers = list(numbers_of(country))
        # Not the first free one: what was forgotten here may be remembered where it texted to.
        self._rng.shuffle(numbers)
        new = [
            NewPhone(
                phone_id=first_id if place == 0 else self._new_id(),
                account_id=identity.account_id,
                channel=channel,
                country=country,
                name=title if count == 1 else f"{title} {place + 1}",
                crowd=crowd,
            )
            for place in range(count)
        ]
        try:
            return await self._phones.add(new, numbers, self._clock.now())
        except TooManyPhones:
            raise ApiError(
                409, "too_many_phones", "There are as many phones as there can be. Remove some."
            ) from None

    async def change(self, identity: Identity, phone_id: str, change: PhoneChange) -> SandboxPhone:
        """Renames a phone, switches it off, or lets its carrier answer STOP.

        Raises:
            ApiError: ``not_allowed``, ``unknown_phone``.
        """
        await self._may(identity)
        found = await self._phones.change(phone_id, identity.account_id, change)
        if found is None:
            raise not_found("phone")
        return found

    async def remove(self, identity: Identity, phone_id: str) -> None:
        """Removes a phone; what it texted to remembers its number.

        Raises:
            ApiError: ``not_allowed``, ``unknown_phone``.
        """
        await self._may(identity)
        if not await self._phones.remove(phone_id, identity.account_id):
            raise not_found("phone")

    async def remove_crowd(self, identity: Identity) -> None:
        """Sends the caller's crowd home.

        Raises:
            ApiError: ``not_allowed``.
        """
        await self._may(identity)
        await self._phones.remove_crowd(identity.account_id)

    async def text(self, identity: Identity, phone_id: str, body: str, text_id: str) -> Said:
        """A text from a phone, with what was answered at once.

        Raises:
            ApiError: ``not_allowed``, ``unknown_phone``, ``rate_limited``, and those of
                `PhoneTexts.send`.
        """
        phone = await self._one(identity, phone_id)
        await self._limits.hit(TEXTS_BY_ACCOUNT, identity.account_id)
        return await self._texts.send(phone, body, text_id)

    async def messages(
        self, identity: Identity, phone_id: str, cursor: str | None, limit: int
    ) -> tuple[Sequence[SandboxMessage], str | None]:
        """A phone's messages, the newest first, and where the next page begins.

        Raises:
            ApiError: ``not_allowed``, ``unknown_phone``, ``validation_failed``.
        """
        phone = await self._one(identity, phone_id)
        before = read_cursor(cursor, tuple[Moment, str]) if cursor else None
        found = await self._messages.of_phone(phone.phone_id, before, limit + 1)
        shown = found[:limit]
        more = len(found) > limit
        return shown, write_cursor((shown[-1].created_at, shown[-1].sid)) if more else None

    async def changes(
        self, identity: Identity, after: int, wait_s: float, leaving: Callable[[], bool]
    ) -> tuple[list[SandboxMessage], int]:
        """What has changed on the caller's phones after a version, waiting for it a while.

        Args:
            leaving: whether the node is about to stop: then nobody waits any longer.

        Raises:
            ApiError: ``not_allowed``, ``busy``.
        """
        await self._may(identity)
        if self._lookers >= LOOKERS_MAX:
            raise ApiError(503, "busy", "Many look at phones now.", retry_after_s=5)
        self._lookers += 1
        try:
            ends_at = time.monotonic() + min(wait_s, limits.SANDBOX_WAIT_S_MAX)
            while True:
                found, version = await self._messages.changed(
                    identity.account_id, after, limits.SANDBOX_CHANGES_MAX
                )
                if found or time.monotonic() >= ends_at or leaving():
                    return found, version
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self._lookers -= 1

    async def _one(self, identity: Identity, phone_id: str) -> SandboxPhone:
        await self._may(identity)
        phone = await self._phones.one(phone_id, identity.account_id)
        if phone is None:
            raise not_found("phone")
        return phone

    async def _may(self, identity: Identity) -> None:
        """Those who put on shows: nobody else has anything to try."""
        if identity.guest:
            raise not_allowed("Simulated phones are for those who put on shows.")
        if identity.role in (Role.ARTIST, Role.ADMIN):
            return
        if not await self._phones.drives_shows(identity.account_id):
            raise not_allowed("Simulated phones are for those who put on shows.")
