"""What a simulated phone sends: said to the real webhook, and answered on the phone."""

from __future__ import annotations

from typing import NamedTuple

import structlog

from rooms import limits
from rooms.ports import Clock
from rooms.sandbox.opt_out import ANSWERS, OptOutType, opt_out_type
from rooms.sandbox.ports import MessageStore, PhoneStore
from rooms.sandbox.records import (
    PhoneChannel,
    SandboxMessage,
    SandboxPhone,
    TextDirection,
    TextStatus,
)
from rooms.sms.segments import segments
from server.field_problems import FieldProblem
from server.gates import Gate
from server.problems import ApiError, invalid
from server.sandbox.carrier import Order, outgoing
from server.sandbox.deliveries import Deliveries
from server.sandbox.forms import inbound_form
from server.sandbox.sids import message_sid
from server.sandbox.twiml import TwimlUnreadable, texts_of
from server.sandbox.webhooks import WebhookFailed, Webhooks

WEBHOOK = "/webhooks/twilio/sms"
NO_ANSWER = 11200
"""Twilio's "HTTP retrieval failure": the webhook did not answer, or with an error."""

NOT_TWIML = 12100
"""Twilio's "Document parse failure"."""

TEXTS_AT_ONCE = 40
TEXTS_WAITING_MAX = 200
"""A crowd of a hundred that votes in one moment, from two people."""

log = structlog.get_logger(__name__)


class Said(NamedTuple):
    """A phone's text, and what came back to it at once."""

    text: SandboxMessage
    replies: list[SandboxMessage]


class PhoneTexts:
    """Sends texts from simulated phones.

    Args:
        numbers: by channel, the address that phones write to.
    """

    def __init__(
        self,
        messages: MessageStore,
        phones: PhoneStore,
        webhooks: Webhooks,
        deliveries: Deliveries,
        *,
        account_sid: str,
        numbers: dict[PhoneChannel, str],
        clock: Clock,
    ) -> None:
        self._messages = messages
        self._phones = phones
        self._webhooks = webhooks
        self._deliveries = deliveries
        self._account_sid = account_sid
        self._numbers = numbers
        self._clock = clock
        self._gate = Gate(TEXTS_AT_ONCE, TEXTS_WAITING_MAX)

    async def send(self, phone: SandboxPhone, body: str, text_id: str) -> Said:
        """Sends one text, and returns with what was answered at once.

        Args:
            text_id: a UUID; the message's sid is made of it.

        Raises:
            ApiError: ``validation_failed``; ``phone_off``: it is switched off;
                ``channel_not_offered``; ``busy``.
        """
        recipient = self._numbers.get(phone.channel)
        if recipient is None:
            raise ApiError(409, "channel_not_offered", "Nothing is received by this channel.")
        if phone.switched_off:
            raise ApiError(409, "phone_off", "This phone is switched off.")
        if not body.strip():
            raise invalid(FieldProblem("body", "empty", "A text needs words."))
        async with self._gate.turn():
            return await self._send(phone, recipient, body, message_sid(text_id))

    async def _send(self, phone: SandboxPhone, recipient: str, body: str, sid: str) -> Said:
        now = self._clock.now()
        text = SandboxMessage(
            sid=sid,
            phone_id=phone.phone_id,
            direction=TextDirection.INBOUND,
            sender=phone.address,
            recipient=recipient,
            body=body,
            segments=max(1, segments(body).count),
            status=TextStatus.RECEIVED,
            created_at=now,
            updated_at=now,
            sent_at=now,
        )
        await self._messages.add(text)
        opt_out = opt_out_type(body) if phone.carrier_opt_out else None
        answers = [] if opt_out is None else await self._answer_itself(phone, opt_out)
        form = inbound_form(text, phone, self._account_sid, opt_out)
        try:
            answers += texts_of(await self._webhooks.text(WEBHOOK, form))
        except (WebhookFailed, TwimlUnreadable) as failure:
            unanswered = isinstance(failure, WebhookFailed)
            status = failure.status if isinstance(failure, WebhookFailed) else None
            log.warning("sandbox_webhook_failed", status=status, unanswered=unanswered)
            await self._messages.failed(sid, NO_ANSWER if unanswered else NOT_TWIML, now)
        replies = [await self._reply(phone, text, answer) for answer in answers]
        self._deliveries.wake()
        return Said(await self._messages.one(sid) or text, replies)

    async def _answer_itself(self, phone: SandboxPhone, opt_out: OptOutType) -> list[str]:
        if opt_out is OptOutType.STOP:
            await self._phones.opt_out(phone.phone_id, self._clock.now())
        elif opt_out is OptOutType.START:
            await self._phones.opt_out(phone.phone_id, None)
        return [ANSWERS[opt_out]]

    async def _reply(self, phone: SandboxPhone, text: SandboxMessage, body: str) -> SandboxMessage:
        order = Order(text.sender, text.recipient, body[: limits.TEXT_CHARACTERS_MAX], None)
        reply = outgoing(
            order, TextDirection.REPLY, phone, self._clock.now(), message_sid(), answers=text.sid
        )
        await self._messages.add(reply)
        return reply
