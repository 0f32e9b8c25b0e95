"""People of the app prove a phone: they text a code, or tap the link that a text brought."""

from __future__ import annotations

from datetime import timedelta

from rooms import limits
from rooms.messaging.masking import masked_number
from rooms.ports import Clock
from rooms.show import ShowStatus
from rooms.sms.consent import CONSENT_WORDING_VERSION
from rooms.sms.ports import Proofs
from rooms.sms.records import LinkRecord, PhoneState
from server.problems import ApiError, not_found
from server.rate_limits import CONFIRM_CODES_BY_ACCOUNT, CONFIRM_LINKS_BY_ACCOUNT, RateLimits
from server.security.identity import Identity
from server.shows.attendance import Attendance
from server.shows.shows import Shows
from server.sms.proving import Proving
from server.sms.schemas import AppPhoneView, ConfirmedView, PhoneCodeView
from server.sms.secrets import PhoneSecrets

_TRIES = 5
"""New codes that may be somebody else's at the moment: one of a million is enough each time."""


class AppPhones:
    """See the module.

    Args:
        number: that codes are texted to, as it is printed; empty: nothing is texted here.
    """

    def __init__(
        self,
        proofs: Proofs,
        proving: Proving,
        secrets: PhoneSecrets,
        attendance: Attendance,
        shows: Shows,
        rate_limits: RateLimits,
        clock: Clock,
        number: str,
    ) -> None:
        self._proofs = proofs
        self._proving = proving
        self._secrets = secrets
        self._attendance = attendance
        self._shows = shows
        self._rate_limits = rate_limits
        self._clock = clock
        self._number = number

    async def new_code(self, show_id: str, identity: Identity) -> PhoneCodeView:
        """A code for the caller, who is an attendee from now on.

        Raises:
            ApiError: ``sms_not_offered``, ``rate_limited``, and what joining raises.
        """
        participant = await self._attendance.join(show_id, identity)
        show = await self._shows.by_id_or_slug(show_id)
        if not self._number or not show.takes_sms or show.status in _PAST:
            raise ApiError(409, "sms_not_offered", "This show takes no texts.")
        await self._rate_limits.hit(CONFIRM_CODES_BY_ACCOUNT, identity.account_id)
        now = self._clock.now()
        expires_at = now + timedelta(seconds=limits.CONFIRM_CODE_S)
        for _ in range(_TRIES):
            code = self._secrets.new_code()
            if await self._proofs.add_code(
                self._secrets.code_hash(code),
                participant.participant_id,
                show_id,
                now,
                expires_at,
            ):
                return PhoneCodeView(code, f"CONFIRM {code}", self._number, expires_at)
        raise ApiError(503, "unavailable", "No code is free. Try again.", retry_after_s=5)

    async def state(self, show_id: str, identity: Identity) -> AppPhoneView:
        """What the caller has proven.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``.
        """
        await self._attendance.read(show_id, identity)
        known = await self._proofs.app_phone(show_id, identity.account_id, self._clock.now())
        number = masked_number(known.number) if known.number else None
        if known.confirmed:
            return AppPhoneView("confirmed", number)
        return AppPhoneView("pending") if known.pending else AppPhoneView("none")

    async def confirm(self, attendee_id: str, identity: Identity, token: str) -> ConfirmedView:
        """Makes the caller's attendee and the phone of a link one. Again is the same.

        Raises:
            ApiError: ``unknown_link``, ``link_expired``, ``link_used``, ``unknown_attendee``,
                ``phone_stopped``, ``phone_taken``, ``already_linked``, ``rate_limited``.
        """
        link = await self.link(token, identity)
        standing = await self._attendance.standing(link.show_id, identity)
        attendee = standing.attendee
        if attendee is None or attendee.attendee_id != attendee_id:
            raise not_found("attendee")
        return await self._confirm(link, attendee_id, identity)

    async def tap(self, token: str, identity: Identity | None) -> LinkRecord:
        """A tap on the page of a link: the phone is confirmed, and the caller's where the
        caller attends the show.

        Raises:
            ApiError: as `confirm`.
        """
        link = await self.link(token, identity)
        if identity is not None:
            standing = await self._attendance.standing(link.show_id, identity)
            if standing.attendee is not None and not standing.attendee.removed:
                await self._confirm(link, standing.attendee.attendee_id, identity)
                return link
        if link.used_at is None:
            _require_open(link, self._clock)
            await self._proofs.confirm_by_link(link, CONSENT_WORDING_VERSION, self._clock.now())
        return link

    async def link(self, token: str, identity: Identity | None) -> LinkRecord:
        """The link of a token, used or not.

        Raises:
            ApiError: ``unknown_link``, ``rate_limited``.
        """
        hashed = self._secrets.token_hash(token)
        if hashed is None:
            raise not_found("link")
        if identity is not None:
            await self._rate_limits.hit(CONFIRM_LINKS_BY_ACCOUNT, identity.account_id)
        link = await self._proofs.link(hashed)
        if link is None:
            raise not_found("link")
        return link

    def has_expired(self, link: LinkRecord) -> bool:
        """Whether its time is over."""
        return link.expires_at <= self._clock.now()

    async def _confirm(
        self, link: LinkRecord, attendee_id: str, identity: Identity
    ) -> ConfirmedView:
        view = ConfirmedView(
            attendee_id=attendee_id, show_id=link.show_id, show_slug=link.show_slug, merged=False
        )
        mine = attendee_id in (link.merged_into, link.attendee_id)
        if link.used_at is not None and mine:
            return view  # said again
        if link.used_at is not None:
            raise ApiError(409, "link_used", "This link was used already.")
        _require_open(link, self._clock)
        merged = await self._proving.by_link(link, attendee_id, identity.account_id)
        return ConfirmedView(
            attendee_id=attendee_id, show_id=link.show_id, show_slug=link.show_slug, merged=merged
        )


_PAST = frozenset({ShowStatus.CLOSED, ShowStatus.ARCHIVED, ShowStatus.CANCELLED})


def _require_open(link: LinkRecord, clock: Clock) -> None:
    if link.state is PhoneState.SUPPRESSED:
        raise ApiError(409, "phone_stopped", "This phone has said STOP. Text START first.")
    # START makes nobody an attendee: what was agreed to before the STOP is over.
    if link.expires_at <= clock.now() or link.state is PhoneState.NONE:
        raise ApiError(410, "link_expired", "This link has expired. Text CONFIRM for a new one.")
