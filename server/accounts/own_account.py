"""What people do with their own account: the rules, without HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from msgspec import UNSET

from rooms.accounts.ports import (
    AccountRecord,
    AccountStore,
    OwnsShows,
    ProfileChange,
    ProfileStore,
    Renamed,
    SessionStore,
    SessionView,
)
from rooms.accounts.profile import HomeCity, Privacy
from rooms.node import Node
from rooms.ports import Clock
from server.accounts.names import name_problem
from server.accounts.revocation import Revocation
from server.accounts.schemas import PrivacyBody, ProfileBody
from server.field_problems import FieldProblem
from server.problems import ApiError, invalid, not_allowed, not_authenticated, not_found
from server.rate_limits import PASSWORD_BY_ACCOUNT, RateLimits
from server.security.identity import Identity
from server.security.passwords import Passwords, weakness
from server.text import one_line

ENDED_BY_OWNER: Final = "ended"

_log = structlog.get_logger(__name__)


LOGS_AT_ONCE: Final = 8
"""Open rooms whose logs are seen to before the call is answered."""


class Logs(Protocol):
    """The part of `storage.accounts.log_names.LogNames` that is needed here."""

    async def rename(self, show_id: str, participant_id: str, name: str) -> int:
        """Calls somebody by this name in everything that one room keeps."""
        ...


class OwnAccount:
    """Profile, sessions, password, and the end of an account."""

    def __init__(
        self,
        accounts: AccountStore,
        profiles: ProfileStore,
        sessions: SessionStore,
        logs: Logs,
        revocation: Revocation,
        node: Node,
        passwords: Passwords,
        limits: RateLimits,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._profiles = profiles
        self._sessions = sessions
        self._logs = logs
        self._revocation = revocation
        self._node = node
        self._passwords = passwords
        self._limits = limits
        self._clock = clock

    async def change(self, identity: Identity, body: ProfileBody) -> AccountRecord:
        """Changes what the body names, in the rooms that the caller is in as well.

        Raises:
            ApiError: ``validation_failed``.
        """
        account = await self._account(identity)
        change = _changed(account, body)
        found = await self._profiles.change(identity.account_id, change, self._clock.now())
        if found is None:
            raise not_authenticated()
        changed, renamed = found
        hides_name = account.privacy.show_name and not changed.privacy.show_name
        await self._tell(renamed, in_what_was_said=hides_name)
        return changed

    async def sessions(self, identity: Identity) -> list[SessionView]:
        """The caller's live sessions."""
        return await self._sessions.of_account(identity.account_id, self._clock.now())

    async def end_session(self, identity: Identity, session_id: str) -> None:
        """Ends one of the caller's sessions, sockets included.

        Raises:
            ApiError: ``unknown_session``.
        """
        now = self._clock.now()
        if not await self._sessions.revoke_own(identity.account_id, session_id, now):
            raise not_found("session")
        self._revocation.announce(session_id)

    async def end_others(self, identity: Identity, reason: str = ENDED_BY_OWNER) -> int:
        """Ends all of the caller's sessions but the one that asks; how many those were."""
        ended = await self._sessions.revoke_others(
            identity.account_id, identity.session_id, reason, self._clock.now()
        )
        for session_id in ended:
            self._revocation.announce(session_id)
        return len(ended)

    async def change_password(self, identity: Identity, current: str, new: str) -> int:
        """A new password; all other sessions end. How many those were.

        Raises:
            ApiError: ``not_allowed`` (a guest), ``wrong_password``, ``validation_failed``,
                ``rate_limited``, ``busy``.
        """
        account = await self._account(identity)
        if account.password_hash is None:
            raise not_allowed("A guest has no password. Sign up to have one.")
        weak = weakness(new, account.email or "")
        if weak:
            raise invalid(FieldProblem("new_password", "weak_password", weak))
        stored = await self._check(account, current, "current_password")
        fresh = await self._passwords.hash(new)
        now = self._clock.now()
        if not await self._accounts.set_password_hash(account.account_id, fresh, stored, now):
            detail = "The password was changed meanwhile."
            raise ApiError(409, "password_changed", detail)
        _log.info("password_changed", account_id=account.account_id)
        return await self.end_others(identity, "password_changed")

    async def delete(self, identity: Identity, password: str | None) -> None:
        """Deletes the caller's account; what remains of it has no name.

        Raises:
            ApiError: ``wrong_password``, ``owns_shows``, ``rate_limited``, ``busy``.
        """
        account = await self._account(identity)
        if account.password_hash is not None:
            await self._check(account, password or "", "password")
        try:
            deleted = await self._profiles.delete(account.account_id, self._clock.now())
        except OwnsShows as owns:
            detail = f"You have {owns.count} shows that are not over. Close or cancel them first."
            raise ApiError(409, "owns_shows", detail) from None
        for session_id in deleted.session_ids:
            self._revocation.announce(session_id)
        await self._tell(deleted.renamed, in_what_was_said=True)
        _log.info("account_deleted", account_id=account.account_id)

    async def _check(self, account: AccountRecord, password: str, field: str) -> str:
        """The stored hash, if this is the account's password; wrong ones are counted."""
        await self._limits.hit(PASSWORD_BY_ACCOUNT, account.account_id)
        stored = account.password_hash or ""
        if not await self._passwords.verify(stored, password):
            error = FieldProblem(field, "wrong_password", "This is not your password.")
            raise ApiError(403, "wrong_password", "The password is wrong.", errors=(error,))
        await self._limits.clear(PASSWORD_BY_ACCOUNT, account.account_id)
        return stored

    async def _account(self, identity: Identity) -> AccountRecord:
        account = await self._accounts.by_id(identity.account_id)
        if account is None:
            raise not_authenticated()
        return account

    async def _tell(self, renamed: Sequence[Renamed], *, in_what_was_said: bool) -> None:
        """Rooms learn who it is now: connections come back under the new name.

        The logs of a few open rooms are seen to at once, because people are there who would come
        back to the old name; all others are an effect's (`jobs.accounts.renaming`).
        """
        if in_what_was_said and renamed:
            for one in renamed[:LOGS_AT_ONCE]:
                await self._logs.rename(one.show_id, one.participant_id, one.display_name)
            self._node.publish_renamed({one.participant_id: one.display_name for one in renamed})
        for one in renamed:
            self._revocation.participant_changed(one.show_id, one.participant_id)


def _changed(account: AccountRecord, body: ProfileBody) -> ProfileChange:
    name = account.display_name
    if body.display_name is not UNSET:
        name = one_line(body.display_name)
        if not name:
            raise invalid(FieldProblem("display_name", "empty", "A name is needed."))
        unfit = name_problem(name)
        if unfit is not None:
            raise invalid(unfit)
    city = account.home_city
    if body.home_city is not UNSET:
        given = body.home_city
        city = None
        if given is not None:
            place = one_line(given.name)
            if not place:
                raise invalid(FieldProblem("home_city.name", "empty", "A city has a name."))
            city = HomeCity(
                name=place,
                lat=given.lat,
                lon=given.lon,
                country=one_line(given.country or "") or None,
                admin=one_line(given.admin or "") or None,
            )
    return ProfileChange(
        display_name=name,
        language=account.language if body.language is UNSET else body.language,
        home_city=city,
        privacy=_choices(account.privacy, body.privacy),
    )


def _choices(now: Privacy, asked: PrivacyBody | object) -> Privacy:
    if not isinstance(asked, PrivacyBody):
        return now
    return Privacy(
        show_name=now.show_name if asked.show_name is UNSET else asked.show_name,
        show_presence=now.show_presence if asked.show_presence is UNSET else asked.show_presence,
        remember_rooms=now.remember_rooms
        if asked.remember_rooms is UNSET
        else asked.remember_rooms,
    )
