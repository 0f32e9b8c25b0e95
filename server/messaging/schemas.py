"""Bodies of the calls about messages and broadcasts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from rooms import limits
from rooms.messaging.broadcasts import BroadcastState
from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.states import MessageState
from rooms.sms.languages import Language
from server.cursors import Moment

BroadcastKind = Literal["NUDGE", "RESULTS", "RECAP", "BROADCAST"]
Channels = Annotated[list[Channel], Meta(min_length=1, max_length=3)]
Text = Annotated[str, Meta(max_length=limits.BROADCAST_CHARACTERS_MAX)]


class AudienceBody(Struct, frozen=True, omit_defaults=True):
    """Whom of the show. Only people who confirmed are ever written to, so ``state`` is
    ``active``; ``languages``: those alone."""

    languages: Annotated[list[Language], Meta(min_length=1, max_length=4)] | None = None
    state: Literal["active"] = "active"


class NewBroadcastBody(Struct, frozen=True, kw_only=True):
    """``POST /api/shows/{id}/messages`` and ``…/preview``.

    ``channels``: in order of preference; a person gets it by the first that reaches them.
    ``texts``: own words by language, with ``{title}``, ``{artist}``, ``{link}``; what is missing
    is the built-in text, and for ``BROADCAST`` the English or else the first one given.
    ``round_id``: the open round of a ``NUDGE``. ``send_at``: not before.
    """

    kind: BroadcastKind
    channels: Channels
    texts: Annotated[dict[str, Text], Meta(max_length=4)] = {}
    audience: AudienceBody = AudienceBody()
    round_id: UUID | None = None
    send_at: Moment | None = None


class CostView(Struct, frozen=True):
    """An estimate, in millionths of the currency (ISO 4217)."""

    micros: int
    currency: str


class RecipientsView(Struct, frozen=True):
    """How many people a broadcast is for.

    ``suppressed``: said STOP; ``capped``: had as many messages as they were promised;
    ``deferred``: their night has begun, so theirs waits for the morning. ``suppressed`` and
    ``capped`` are not in ``total``.
    """

    total: int
    by_channel: dict[Channel, int]
    by_language: dict[str, int]
    suppressed: int = 0
    capped: int = 0
    deferred: int = 0


class SampleView(Struct, frozen=True):
    """What one language gets on one channel. ``encoding``: of a text (GSM 03.38); none of a mail.
    ``recipients``: how many get this one."""

    channel: Channel
    language: Language
    text: str
    segments: int
    encoding: Literal["GSM-7", "UCS-2"] | None
    recipients: int


class TextProblem(Struct, frozen=True):
    """Why a broadcast cannot be sent as it is. ``field``: such as ``texts.es`` or ``round_id``."""

    field: str
    code: str
    detail: str


class PreviewView(Struct, frozen=True):
    """What a broadcast would be. With ``problems`` it cannot be sent."""

    recipients: RecipientsView
    segments: int
    cost: CostView
    samples: list[SampleView]
    problems: list[TextProblem]


BroadcastDeed = Literal["pause", "resume", "cancel"]


class BroadcastView(Struct, frozen=True, kw_only=True):
    """A broadcast. ``automatic``: made by the show's life; ``recipients``: messages made so far,
    and the estimate before; ``counts``: messages by state; ``can``: what may be done with it."""

    id: str
    show_id: str
    kind: BroadcastKind
    state: BroadcastState
    channels: list[Channel]
    texts: dict[str, str]
    audience: AudienceBody
    round_id: str | None
    automatic: bool
    recipients: int
    segments: int
    cost: CostView
    counts: dict[MessageState, int]
    can: list[BroadcastDeed]
    created_at: datetime
    send_at: datetime
    expires_at: datetime | None
    finished_at: datetime | None


class BroadcastPage(Struct, frozen=True):
    """A show's broadcasts, newest first."""

    items: list[BroadcastView]
    next_cursor: str | None


class MessageView(Struct, frozen=True, kw_only=True):
    """A message to one person. ``to``: the whole number or address, for admins alone;
    ``to_masked`` is absent once they have gone."""

    id: str
    broadcast_id: str | None
    kind: MessageKind
    channel: Channel
    to_masked: str | None
    to: str | None
    language: str
    state: MessageState
    reason: str | None
    error_code: str | None
    segments: int
    attempts: int
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None


class MessagePage(Struct, frozen=True):
    """Messages of a show, newest first."""

    items: list[MessageView]
    next_cursor: str | None


class StepView(Struct, frozen=True):
    """One step of a message's life."""

    state: MessageState
    reason: str | None
    error_code: str | None
    attempt: int
    at: datetime


class MessageDetail(Struct, frozen=True):
    """One message with its text (gone after a while) and every step of its life."""

    message: MessageView
    text: str | None
    history: list[StepView]


class KindView(Struct, frozen=True):
    """A kind that may be sent now. ``texts``: what is said without own words, variables filled
    in; ``problem``: a code that says why it cannot be sent now."""

    kind: BroadcastKind
    texts: dict[str, str]
    variables: list[str]
    quiet_hours: bool
    problem: str | None


class MessagingOffer(Struct, frozen=True):
    """What a show's crew may send: for the form. Hours are those at the recipient."""

    channels: list[Channel]
    languages: list[Language]
    kinds: list[KindView]
    text_characters_max: int
    segments_max: int
    messages_per_person_max: int
    quiet_from: str
    quiet_to: str
    mode: Literal["twilio", "sandbox", "off"]
