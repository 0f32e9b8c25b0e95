"""What the carrier does with a message that is given to it to send."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from rooms import limits
from rooms.ports import Clock
from rooms.sandbox.delivery import accepted
from rooms.sandbox.ports import MessageFilter, MessageStore, PhoneStore
from rooms.sandbox.records import SandboxMessage, SandboxPhone, TextDirection, split_address
from rooms.sms.segments import segments
from server.sandbox.deliveries import Deliveries
from server.sandbox.sids import message_sid
from server.sandbox.twilio_errors import TwilioError
from server.settings_checks import address_of

_CALLBACK_CHARACTERS_MAX: Final = 2_000


class Order(Struct, frozen=True):
    """A message to be sent, as the API is told it."""

    recipient: str
    sender: str
    body: str
    status_callback: str | None


class SandboxCarrier:
    """Takes messages as Twilio does, for the numbers of this installation.

    Args:
        senders: addresses that may be sent from.
    """

    def __init__(
        self,
        messages: MessageStore,
        phones: PhoneStore,
        deliveries: Deliveries,
        senders: frozenset[str],
        clock: Clock,
    ) -> None:
        self._messages = messages
        self._phones = phones
        self._deliveries = deliveries
        self._senders = senders
        self._clock = clock

    async def accept(self, order: Order) -> SandboxMessage:
        """Takes a message; it is under way from here on.

        Raises:
            TwilioError: 21604, 21602, 21617, 21211, 21212, 21606, 21610.
        """
        self._check(order)
        channel, number = split_address(order.recipient)
        phone = await self._phones.by_number(channel, number)
        if phone is not None and phone.opted_out_at is not None:
            raise TwilioError(400, 21610, "Attempt to send to unsubscribed recipient")
        now = self._clock.now()
        message = outgoing(
            order, TextDirection.API, phone, now, message_sid(), order.status_callback or None
        )
        await self._messages.add(message)
        self._deliveries.wake()
        return message

    async def one(self, sid: str) -> SandboxMessage | None:
        """One message."""
        return await self._messages.one(sid)

    async def listed(
        self, wanted: MessageFilter, after: tuple[datetime, str] | None, limit: int
    ) -> list[SandboxMessage]:
        """The newest first."""
        return await self._messages.listed(wanted, after, limit)

    def _check(self, order: Order) -> None:
        if not order.recipient:
            raise TwilioError(400, 21604, "A 'To' phone number is required.")
        if not order.body.strip():
            raise TwilioError(400, 21602, "Message body is required.")
        if len(order.body) > limits.TEXT_CHARACTERS_MAX:
            raise TwilioError(
                400,
                21617,
                f"The concatenated message body exceeds the {limits.TEXT_CHARACTERS_MAX} "
                "character limit",
            )
        channel, number = split_address(order.recipient)
        if address_of(number, channel.value) != number:
            raise TwilioError(400, 21211, f"Invalid 'To' Phone Number: {masked(number)}")
        if not order.sender:
            raise TwilioError(400, 21603, "A 'From' phone number is required.")
        if order.sender not in self._senders:
            raise TwilioError(
                400,
                21606,
                "The 'From' phone number provided is not a valid message-capable Twilio phone "
                "number for this destination/account",
            )
        if split_address(order.sender)[0] is not channel:
            raise TwilioError(400, 21910, "Invalid From and To pair: of different channels.")
        if len(order.status_callback or "") > _CALLBACK_CHARACTERS_MAX:
            raise TwilioError(400, 21609, "Invalid 'StatusCallback' URL")


def outgoing(
    order: Order,
    direction: TextDirection,
    phone: SandboxPhone | None,
    now: datetime,
    sid: str,
    status_callback: str | None = None,
    answers: str | None = None,
) -> SandboxMessage:
    """A message to a phone as it is when the carrier has just taken it."""
    step = accepted(now)
    return SandboxMessage(
        sid=sid,
        phone_id=phone.phone_id if phone else None,
        direction=direction,
        sender=order.sender,
        recipient=order.recipient,
        body=order.body,
        segments=max(1, segments(order.body).count),
        status=step.status,
        created_at=now,
        updated_at=now,
        due_at=step.due_at,
        status_callback=status_callback,
        answers=answers,
    )


def masked(number: str) -> str:
    """A number as Twilio's errors say it."""
    return f"{number[:-4]}XXXX" if len(number) > 4 else "XXXX"
