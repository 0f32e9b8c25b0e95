"""Broadcasts and messages as the API says them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from rooms.messaging.broadcasts import DEEDS, Broadcast
from rooms.messaging.kinds import Channel
from rooms.messaging.lists import MessageRecord, MessageStep
from rooms.messaging.masking import masked_mail, masked_number
from rooms.messaging.states import MessageState, is_final
from server.messaging.previewing import Preview
from server.messaging.schemas import (
    AudienceBody,
    BroadcastDeed,
    BroadcastKind,
    BroadcastView,
    CostView,
    MessageView,
    PreviewView,
    RecipientsView,
    SampleView,
    StepView,
    TextProblem,
)


def broadcast_view(broadcast: Broadcast, counts: Mapping[MessageState, int]) -> BroadcastView:
    """A broadcast with its messages by state."""
    languages = broadcast.audience.languages
    made = sum(counts.values())
    return BroadcastView(
        id=broadcast.broadcast_id,
        show_id=broadcast.show_id,
        kind=cast(BroadcastKind, broadcast.kind.value),
        state=broadcast.state,
        channels=list(broadcast.channels),
        texts={language.value: text for language, text in broadcast.texts.items()},
        audience=AudienceBody(None if languages is None else list(languages)),
        round_id=broadcast.round_id,
        automatic=broadcast.created_by is None,
        recipients=made if broadcast.expanded_at is not None else max(made, broadcast.recipients),
        segments=broadcast.segments,
        cost=CostView(broadcast.cost_micros, broadcast.cost_currency),
        counts=dict(counts),
        can=[cast(BroadcastDeed, deed) for deed in DEEDS[broadcast.state]],
        created_at=broadcast.created_at,
        send_at=broadcast.send_at,
        expires_at=broadcast.expires_at,
        finished_at=broadcast.finished_at,
    )


def preview_view(preview: Preview, currency: str) -> PreviewView:
    """What a broadcast would be."""
    reach = preview.reach
    by_channel = dict.fromkeys(Channel, 0)
    by_language: dict[str, int] = {}
    for (channel, language), people in reach.by_text.items():
        by_channel[channel] += people
        by_language[language.value] = by_language.get(language.value, 0) + people
    return PreviewView(
        recipients=RecipientsView(
            total=reach.total,
            by_channel=by_channel,
            by_language=by_language,
            suppressed=reach.kept_from("suppressed"),
            capped=reach.kept_from("capped"),
            deferred=reach.deferred,
        ),
        segments=preview.segments,
        cost=CostView(preview.cost_micros, currency),
        samples=[
            SampleView(
                channel=sample.channel,
                language=sample.language,
                text=sample.text,
                segments=sample.segments,
                encoding=None if sample.encoding is None else sample.encoding.value,
                recipients=sample.recipients,
            )
            for sample in preview.samples
        ],
        problems=[TextProblem(one.field, one.code, one.detail) for one in preview.problems],
    )


def message_view(record: MessageRecord, *, whole: bool) -> MessageView:
    """A message. ``whole``: with the number or address, for those who may see it."""
    masked = None
    if record.address is not None:
        mail = record.channel is Channel.MAIL
        masked = masked_mail(record.address) if mail else masked_number(record.address)
    return MessageView(
        id=record.message_id,
        broadcast_id=record.broadcast_id,
        kind=record.kind,
        channel=record.channel,
        to_masked=masked,
        to=record.address if whole else None,
        language=record.language,
        state=record.state,
        reason=record.reason,
        error_code=record.error_code,
        segments=record.segments,
        attempts=record.attempts,
        created_at=record.created_at,
        due_at=None if is_final(record.state) or record.sent_at else record.due_at,
        sent_at=record.sent_at,
        delivered_at=record.delivered_at,
    )


def step_view(step: MessageStep) -> StepView:
    """One step of a message's life."""
    return StepView(step.state, step.reason, step.error_code, step.attempt, step.at)
