"""Signing up and in: the rules, without HTTP."""

from __future__ import annotations

from typing import Final

import structlog

from rooms.accounts.ports import (
    AccountRecord,
    AccountStore,
    EmailTaken,
    GuestStore,
    NewAccount,
)
from rooms.participants import Role
from rooms.ports import Clock
from server.accounts.addresses import normalised_email
from server.accounts.names import name_problem
from server.accounts.sessions import Caller, Credentials, Sessions
from server.field_problems import FieldProblem
from server.problems import ApiError, invalid, not_allowed, not_authenticated
from server.rate_limits import (
    GUESTS_BY_ADDRESS,
    GUESTS_BY_DEVICE,
    LOGIN_BY_ACCOUNT,
    LOGIN_BY_ADDRESS,
    LOGIN_BY_DEVICE,
    LOGIN_BY_KNOWN_DEVICE,
    SIGNUP_BY_ACCOUNT,
    SIGNUP_BY_ADDRESS,
    SIGNUP_BY_DEVICE,
    RateLimits,
)
from server.security.identity import Identity
from server.security.passwords import Passwords, weakness
from server.text import one_line

GUEST_NAMES: Final = {"en": "Guest", "es": "Invitado", "fr": "Invité", "de": "Gast"}
"""What somebody is called who says no name, by the language that their browser asks for."""

_log = structlog.get_logger(__name__)


class People:
    """Accounts, guests among them."""

    def __init__(
        self,
        accounts: AccountStore,
        guests: GuestStore,
        sessions: Sessions,
        passwords: Passwords,
        limits: RateLimits,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._guests = guests
        self._sessions = sessions
        self._passwords = passwords
        self._limits = limits
        self._clock = clock

    async def sign_up(
        self,
        *,
        account_id: str,
        email: str,
        password: str,
        display_name: str,
        role: Role,
        caller: Caller,
        guest: Identity | None,
    ) -> Credentials:
        """Makes an account, or turns the calling guest into one.

        Args:
            account_id: the id a new account gets; an upgraded guest keeps its own.

        Raises:
            ApiError: ``validation_failed``, ``email_taken``, ``rate_limited``, ``busy``.
        """
        address = normalised_email(email)
        name = one_line(display_name)
        _check_new_account(address, password, name)
        assert address is not None  # _check_new_account refuses None
        if guest is not None and not guest.guest:
            own = await self._upgraded(guest, address, password)
            if own is not None:
                return await self._sessions.open(own, caller)
            guest = None
        device_id = guest.account_id if guest else caller.device and caller.device.device_id
        await self._limits.hit(SIGNUP_BY_ADDRESS, caller.address)
        await self._limits.hit(SIGNUP_BY_ACCOUNT, address)
        if device_id:
            await self._limits.hit(SIGNUP_BY_DEVICE, device_id)
        account = NewAccount(
            account_id=guest.account_id if guest else account_id,
            display_name=name,
            role=role,
            email=address,
            password_hash=await self._passwords.hash(password),
            language=caller.language,
        )
        now = self._clock.now()
        try:
            if guest:
                record = await self._accounts.upgrade_guest(account, now)
                if record is None:
                    raise not_allowed("This guest has an account already.")
            else:
                record = await self._accounts.create(account, now)
        except EmailTaken:
            raise ApiError(409, "email_taken", "This e-mail address has an account.") from None
        _log.info("account_signed_up", account_id=record.account_id, upgraded=guest is not None)
        return await self._sessions.open(record, caller)

    async def _upgraded(
        self, caller: Identity, address: str, password: str
    ) -> AccountRecord | None:
        """The caller's account, if the upgrade that it asks for has happened already.

        An answer gets lost on the way to a phone; saying it again must not say "taken".
        """
        own = await self._accounts.by_id(caller.account_id)
        if own is None or own.email != address:
            return None
        return own if await self._passwords.verify(own.password_hash, password) else None

    async def log_in(
        self, *, email: str, password: str, caller: Caller, guest: Identity | None = None
    ) -> Credentials:
        """Opens a session; the same answer, as late, for an unknown address.

        Args:
            guest: who takes part as a guest on the device: what they did becomes the account's.

        Raises:
            ApiError: ``invalid_credentials``, ``rate_limited``, ``busy``.
        """
        identity = email.strip().casefold()
        account = await self._accounts.by_email(identity)
        device = caller.device
        rule, counted = LOGIN_BY_ACCOUNT, identity
        if account is not None and device is not None and device.account_id == account.account_id:
            rule, counted = LOGIN_BY_KNOWN_DEVICE, f"{identity} {device.device_id}"
        await self._limits.test(LOGIN_BY_ADDRESS, caller.address)
        if device:
            await self._limits.test(LOGIN_BY_DEVICE, device.device_id)
        # Counted before it is judged, so that many tries at once are not all judged first.
        await self._limits.hit(rule, counted)
        stored = account.password_hash if account and not account.disabled else None
        if not await self._passwords.verify(stored, password) or account is None or not stored:
            await self._limits.hit(LOGIN_BY_ADDRESS, caller.address)
            if device:
                await self._limits.hit(LOGIN_BY_DEVICE, device.device_id)
            raise ApiError(
                401, "invalid_credentials", "The e-mail address or the password is wrong."
            )
        await self._limits.clear(rule, counted)
        if self._passwords.needs_rehash(stored):
            await self._accounts.set_password_hash(
                account.account_id, await self._passwords.hash(password), stored, None
            )
        if guest is not None:
            await self._claim(guest, account)
        return await self._sessions.open(account, caller, signed_in=True)

    async def _claim(self, guest: Identity, account: AccountRecord) -> None:
        """The guest and the account are one person; the guest's sessions end everywhere."""
        attendees = await self._guests.claim(
            guest.account_id, account.account_id, account.display_name, self._clock.now()
        )
        if attendees is not None:
            self._sessions.announce_end(guest.session_id)
            _log.info("guest_claimed", account_id=account.account_id, attendees=attendees)

    async def be_guest(
        self, *, account_id: str, display_name: str | None, caller: Caller
    ) -> Credentials:
        """One tap: a new guest, or the same one again on a device that has been one.

        Raises:
            ApiError: ``validation_failed``, ``rate_limited``.
        """
        await self._limits.hit(GUESTS_BY_ADDRESS, caller.address)
        if caller.device:
            await self._limits.hit(GUESTS_BY_DEVICE, caller.device.device_id)
            known = await self._accounts.by_id(caller.device.account_id)
            if known is not None and known.guest and not known.disabled:
                return await self._sessions.open(known, caller)
        called = GUEST_NAMES.get(caller.language or "", GUEST_NAMES["en"])
        name = one_line(display_name or "") or f"{called} {account_id[-4:]}"
        unfit = name_problem(name)
        if unfit is not None:
            raise invalid(unfit)
        record = await self._accounts.create(
            NewAccount(account_id=account_id, display_name=name), self._clock.now()
        )
        if not record.guest:
            raise not_allowed("This guest has an account already.")
        return await self._sessions.open(record, caller)

    async def profile(self, account_id: str) -> AccountRecord:
        """The account of a caller."""
        account = await self._accounts.by_id(account_id)
        if account is None:
            raise not_authenticated()
        return account


def _check_new_account(address: str | None, password: str, display_name: str) -> None:
    problems = []
    if address is None:
        problems.append(FieldProblem("email", "invalid_email", "This is no e-mail address."))
    weak = weakness(password, address or "")
    if weak:
        problems.append(FieldProblem("password", "weak_password", weak))
    if not display_name:
        problems.append(FieldProblem("display_name", "empty", "A name is needed."))
    unfit = name_problem(display_name)
    if unfit is not None:
        problems.append(unfit)
    if problems:
        raise invalid(*problems)
