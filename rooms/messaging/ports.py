"""What sending messages asks of stores and carriers.

::

    expansion ──MessageStore.enqueue──► messages ──lease──► begin ──► MessageSender.send
                                                                          │
        status callbacks, reconciliation ──MessageStore.hear──► messages ◄┘ settle
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from rooms.messaging.kinds import Channel, MessageKind, Priority
from rooms.messaging.senders import Sender
from rooms.messaging.states import MessageState


class NewMessage(Struct, frozen=True, kw_only=True):
    """A message to be sent. Saying the same ``dedupe_key`` again changes nothing.

    Attributes:
        sender: `rooms.messaging.senders.Sender.address`, or a mail's sender.
        attendee_id: who in the show; the surviving one where several are one person.
        phone_id: whose number it goes to, for SMS and WhatsApp.
        account_id: whose address it goes to, for mail.
        address: a mail address where it is not the account's (an old one, for SECURITY).
        body: the text as it will be sent, for SMS and WhatsApp.
        payload: what a mail is rendered from when it goes; of a text the ``zones`` that it keeps
            quiet by, because it may be handed over hours after it was due.
        segments: of ``body``.
        due_at: not before.
        expires_at: not after; then it is cancelled as ``too_late``.
    """

    message_id: str
    kind: MessageKind
    channel: Channel
    sender: str
    language: str
    dedupe_key: str
    due_at: datetime
    priority: Priority
    show_id: str | None = None
    broadcast_id: str | None = None
    round_id: str | None = None
    attendee_id: str | None = None
    phone_id: str | None = None
    account_id: str | None = None
    address: str | None = None
    body: str | None = None
    payload: Mapping[str, Any] | None = None
    segments: int = 0
    expires_at: datetime | None = None


class LeasedMessage(Struct, frozen=True, kw_only=True):
    """A message that this worker alone may send, until its lease ends.

    Attributes:
        lease: tells this lease from another one; `MessageStore` refuses an older one's words.
        attempts: tries begun, this one not included.
        state: `MessageState.UNKNOWN`: it was handed over at ``handed_at``; look it up first.
        address: the number or mail address now; ``None``: whoever it was for has gone.
        tag: names the message in the carrier's callbacks.
    """

    message_id: str
    lease: int
    kind: MessageKind
    channel: Channel
    sender: str
    language: str
    state: MessageState
    attempts: int
    address: str | None
    body: str | None
    payload: Mapping[str, Any] | None
    segments: int
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None = None
    handed_at: datetime | None = None
    show_id: str | None = None
    broadcast_id: str | None = None
    attendee_id: str | None = None
    phone_id: str | None = None
    account_id: str | None = None


class Accepted(Struct, frozen=True, tag="accepted"):
    """The carrier has it.

    Attributes:
        carrier_id: its name for the message (a MessageSid, a Message-ID).
        state: where it is with the carrier, when that is known.
    """

    carrier_id: str
    state: MessageState = MessageState.SENT
    reason: str | None = None
    error_code: str | None = None
    suppress: bool = False


class Permanent(Struct, frozen=True, tag="permanent"):
    """The carrier will never take it.

    Attributes:
        reason: stable, snake_case, for people who look at the list.
        error_code: the carrier's own.
        suppress: nobody should be written to at this address again.
        opted_out: because its owner said so (then the message is `suppressed`, not `failed`).
    """

    reason: str
    error_code: str | None = None
    suppress: bool = False
    opted_out: bool = False


class Temporary(Struct, frozen=True, tag="temporary"):
    """The carrier has not taken it and may later. ``retry_after_s``: it said when.

    Attributes:
        sender_wide: nothing of this sender can be taken now (busy, wrong credentials).
    """

    reason: str
    error_code: str | None = None
    retry_after_s: float | None = None
    sender_wide: bool = False


class Unknown(Struct, frozen=True, tag="unknown"):
    """The call broke after it had begun: the carrier may have it."""

    reason: str


Outcome: TypeAlias = Accepted | Permanent | Temporary | Unknown


class NotFound(Struct, frozen=True, tag="not_found"):
    """The carrier has no such message: it may be sent (again)."""


Lookup: TypeAlias = Accepted | NotFound | Temporary


class Known(Protocol):
    """Tells which of the carrier's messages are accounted for already."""

    async def of(self, carrier_ids: Sequence[str]) -> frozenset[str]:
        """Those that some message of ours is known by."""
        ...


class MessageSender(Protocol):
    """Hands messages of one channel to whoever carries them: the carrier port.

    Never raises for what a carrier may answer: an exception is a defect, and is taken for
    `Unknown`. Bounds its own time: `limits.CARRIER_TIMEOUT_S`.
    """

    async def send(self, message: LeasedMessage) -> Outcome:
        """Hands one message over, once. ``address`` and what it is made of are there."""
        ...

    async def look_up(self, message: LeasedMessage, known: Known) -> Lookup:
        """Whether the carrier has a message whose hand-over broke.

        A channel that cannot be asked answers by what is safer for it: `NotFound` repeats.
        """
        ...


class Throughput(Protocol):
    """What a number may still send, shared by every process."""

    async def reserve(self, sender: Sender, segments: int = 1) -> float | None:
        """Takes the next turn; seconds until it comes. ``None``: it is further ahead than
        `limits.TURN_AHEAD_S`, and was not taken."""
        ...

    async def take_now(self, sender: Sender, segments: int = 1) -> bool:
        """Takes a turn if there is one now; for what is shed otherwise, such as receipts."""
        ...

    async def charge(self, sender: Sender, segments: int = 1) -> float:
        """Counts what goes in any case, such as the answer to a JOIN; seconds until the next turn
        after it, as far as is known."""
        ...


class Heard(Struct, frozen=True, kw_only=True):
    """What a carrier says of one of its messages.

    Attributes:
        tag: our message, where the carrier was told and says so.
        state: what its word for the state means; ``None``: nothing new for us.
        status: its own word, kept until the message is known.
        suppress: the number will never take a text from this sender.
    """

    carrier_id: str
    status: str
    state: MessageState | None
    reason: str | None = None
    error_code: str | None = None
    suppress: bool = False
    tag: str | None = None


class Listed(Struct, frozen=True):
    """One message in a carrier's list. ``error_code``: its own; ``sent_at``: by its clock."""

    carrier_id: str
    status: str
    error_code: int | None
    sent_at: datetime | None


class CarrierList(Protocol):
    """Reads what a carrier has sent."""

    def sent_on(self, sender: str, day: datetime) -> AsyncIterator[Sequence[Listed]]:
        """What it sent from a number on a day (UTC), page by page; raises what went wrong."""
        ...


class MessageStore(Protocol):
    """The queue and its truth (PostgreSQL)."""

    async def enqueue(self, messages: Sequence[NewMessage]) -> int:
        """Adds messages that are not there yet; how many were new."""
        ...

    async def lease(self, sender: str, limit: int) -> list[LeasedMessage]:
        """Takes what is due, by priority and then by time, for `limits.MESSAGE_LEASE_S`.

        What was handed over under a lease that has ended comes as `MessageState.UNKNOWN`; what
        is too late is cancelled, and does not come.
        """
        ...

    async def begin(self, message: LeasedMessage) -> LeasedMessage | None:
        """Marks it as handed over, just before it is; ``None``: it must not be sent (any more):
        another lease, paused, cancelled, too late, opted out, nobody there."""
        ...

    async def settle(self, message: LeasedMessage, outcome: Outcome, retry_s: float | None) -> None:
        """Writes down what became of a try. ``retry_s``: seconds until the next; ``None``: it
        was the last."""
        ...

    async def found(self, message: LeasedMessage, lookup: Lookup, again_s: float) -> None:
        """Writes down what a lookup said. `Temporary`: it is looked up again in ``again_s``."""
        ...

    async def release(self, messages: Sequence[LeasedMessage]) -> None:
        """Gives back what was leased and not begun."""
        ...

    async def hear(self, heard: Heard, now: datetime) -> bool:
        """Moves a message forward by what its carrier says; false: nobody here knows it yet (it
        is kept, and applied once it is known)."""
        ...
