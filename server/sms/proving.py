"""A phone and somebody's app turn out to be one person.

The room says so first, in one turn (`rooms.decide.linking`): from then on there is one vote,
whatever breaks. Who the phone belongs to is written after it; if that does not happen, saying the
same again does it.
"""

from __future__ import annotations

from rooms.ports import Clock
from rooms.show import ShowStatus
from rooms.sms.consent import CONSENT_WORDING_VERSION
from rooms.sms.ports import Proofs
from rooms.sms.records import ConsentSource, InboundText, LinkRecord
from server.problems import ApiError
from server.sms.routes import Proof
from server.sms.sms_rooms import SmsRooms

_OVER = frozenset({ShowStatus.ARCHIVED, ShowStatus.CANCELLED})


class Proving:
    """See the module."""

    def __init__(self, proofs: Proofs, rooms: SmsRooms, clock: Clock) -> None:
        self._proofs = proofs
        self._rooms = rooms
        self._clock = clock

    async def by_code(self, text: InboundText, proof: Proof) -> None:
        """The phone that texted the code is that attendee's.

        Raises:
            ApiError: the room refuses it, or has decided nothing.
        """
        for show_id, gone, stays in proof.gone:
            await self._rooms.link(show_id, gone, stays)
        await self._proofs.give_phone(
            text.phone,
            proof.attendee_id,
            proof.show_id,
            language=proof.language,
            wording=CONSENT_WORDING_VERSION,
            source=ConsentSource.APP_CODE,
            now=text.received_at,
        )

    async def by_link(self, link: LinkRecord, attendee_id: str, account_id: str) -> bool:
        """The phone that the link was sent to is that attendee's. True: they were two until now.

        Raises:
            ApiError: ``phone_taken``, ``show_over``, or what the room says.
        """
        if link.status in _OVER:
            raise ApiError(409, "show_over", "This show is over.")
        if link.account_id != account_id and not link.guest:
            raise ApiError(409, "phone_taken", "This phone belongs to another account.")
        pairs = []
        if link.account_id != account_id:
            pairs = await self._proofs.shared_shows(link.account_id, account_id)
        for show_id, gone, stays in pairs:
            await self._rooms.link(show_id, gone, stays)
        await self._proofs.give_phone(
            link.phone_id,
            attendee_id,
            link.show_id,
            language=link.language,
            wording=CONSENT_WORDING_VERSION,
            source=ConsentSource.WEB_LINK,
            now=self._clock.now(),
        )
        return any(show_id == link.show_id for show_id, _, _ in pairs)
