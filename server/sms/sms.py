"""Texts that come in: the parts, joined."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
from msgspec import Struct

from rooms.messaging.ports import Throughput
from rooms.node import Node
from rooms.ports import Clock, NewId
from server.messaging.carrier import Carrier, carrier_of
from server.rate_limits import RateLimits
from server.secret import Secret
from server.security.tokens import derive_key
from server.settings import Settings
from server.shows.attendance import Attendance
from server.shows.shows import Shows
from server.sms.app_phones import AppPhones
from server.sms.carrying import Carrying
from server.sms.choosing_show import JoinDesk
from server.sms.confirming import ConfirmDesk
from server.sms.door import SmsDoor
from server.sms.inbound import inbound_text
from server.sms.metrics import SmsMetrics
from server.sms.opting import OptDesk
from server.sms.proving import Proving
from server.sms.receipts import Receipts
from server.sms.replying import Paces
from server.sms.secrets import PhoneSecrets
from server.sms.signature import Parameters, TwilioSignature
from server.sms.sms_rooms import SmsRooms
from server.sms.twiml import SILENCE, segments_in
from server.telemetry.text_steps import FollowedPhones, StepTracing
from storage.sms.hashing import NumberHash
from storage.sms.phones import PostgresPhones
from storage.sms.proofs import PostgresProofs


def number_hash(secret_key: Secret) -> NumberHash:
    """What suppressions know numbers by, in every process of this installation."""
    return NumberHash(derive_key(secret_key, "phone number"))


class Sms(Struct, frozen=True):
    """Inbound texts of this node.

    Attributes:
        signature: proves webhooks; of status callbacks as well.
        app_phones: codes and links that prove phones.
        receipts: charges senders with what texts are answered.
    """

    signature: TwilioSignature
    app_phones: AppPhones
    door: SmsDoor
    receipts: Receipts
    hashes: NumberHash
    carrier: Carrier | None = None

    async def answer(self, form: Parameters, received_at: datetime) -> str:
        """The TwiML for a webhook that was proven to be the carrier's."""
        assert self.carrier is not None, "without a carrier nothing is proven"
        text = inbound_text(form, self.carrier, self.hashes.of, received_at)
        if text is None:
            return SILENCE
        answer = SILENCE
        try:
            answer = await self.door.answer(text)
        finally:
            self.receipts.gave(text.phone.sender, text.message_sid, segments_in(answer))
        return answer


def sms_of(
    settings: Settings,
    pool: asyncpg.Pool[Any],
    node: Node,
    attendance: Attendance,
    shows: Shows,
    limits: RateLimits,
    throughput: Throughput,
    clock: Clock,
    new_id: NewId,
    metrics: SmsMetrics,
    tracing: StepTracing | None = None,
) -> Sms:
    """Joins the parts."""
    carrier = carrier_of(settings)
    phones = (
        PostgresPhones(pool, new_id) if tracing is None else FollowedPhones(pool, new_id, tracing)
    )
    proofs = PostgresProofs(pool, new_id)
    secrets = PhoneSecrets(settings.secret_key)
    rooms = SmsRooms(node, phones, clock, new_id)
    proving = Proving(proofs, rooms, clock)
    receipts = Receipts(carrier.senders if carrier is not None else (), throughput, clock.monotonic)
    return Sms(
        carrier=carrier,
        hashes=number_hash(settings.secret_key),
        receipts=receipts,
        signature=TwilioSignature(
            carrier.auth_token if carrier is not None else Secret(""), settings.public_url
        ),
        app_phones=AppPhones(
            proofs,
            proving,
            secrets,
            attendance,
            shows,
            limits,
            clock,
            settings.sms_number if carrier is not None else "",
        ),
        door=SmsDoor(
            phones=phones,
            rooms=rooms,
            carrying=Carrying(phones, rooms, proving),
            joining=JoinDesk(phones, limits),
            confirming=ConfirmDesk(phones, proofs, secrets, limits, settings.public_url),
            opting=OptDesk(phones),
            paces=Paces(),
            receipts=receipts,
            clock=clock,
            metrics=metrics,
        ),
    )
