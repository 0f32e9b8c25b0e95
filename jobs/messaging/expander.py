"""Turns broadcasts into messages, some people at a time.

It needs the database alone. A worker that is killed leaves whole batches behind, and the place
after them; another one goes on there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

import structlog

from rooms import limits
from rooms.backoff import Backoff
from rooms.messaging.audience import (
    AudienceSource,
    Recipient,
    dedupe_key_of,
    judge,
    language_of,
)
from rooms.messaging.broadcasts import Broadcast
from rooms.messaging.kinds import PHONE_CHANNELS, PRIORITIES, Channel
from rooms.messaging.ports import NewMessage
from rooms.messaging.senders import Sender
from rooms.messaging.stories import Stories, Story, link_of
from rooms.messaging.texts import own_words, text_of, words_of
from rooms.outbox import Nudges
from rooms.ports import Clock, NewId
from rooms.sms.languages import Language
from rooms.sms.segments import segments
from rooms.tasks import end

log = structlog.get_logger(__name__)


class Step(Protocol):
    """A claimed broadcast; see `storage.messaging.expansion`."""

    broadcast: Broadcast
    channel: int
    after: str | None

    async def write(self, messages: Sequence[NewMessage], channel: int, after: str | None) -> int:
        """Adds messages and moves on to a place; how many were new."""
        ...

    async def expanded(self) -> None:
        """Everybody has been judged."""
        ...

    async def finish(self) -> None:
        """It is done if none of its messages waits any more."""
        ...


class Expansion(Protocol):
    """Claims broadcasts that are due."""

    def claim(self) -> AbstractAsyncContextManager[Step | None]:
        """The broadcast that has been due longest; what is said of it counts at the end."""
        ...


class Expander:
    """Expands broadcasts until it is stopped.

    Args:
        audiences, senders: of the channels that are offered.
        public_url: where links lead.
        random: a number from 0 up to 1, another one each time; for waits.
    """

    def __init__(
        self,
        expansion: Expansion,
        stories: Stories,
        audiences: Mapping[Channel, AudienceSource],
        senders: Mapping[Channel, Sender],
        public_url: str,
        nudges: Nudges,
        clock: Clock,
        new_id: NewId,
        random: Callable[[], float],
    ) -> None:
        self._expansion = expansion
        self._stories = stories
        self._audiences = audiences
        self._senders = senders
        self._public_url = public_url
        self._nudges = nudges
        self._clock = clock
        self._new_id = new_id
        self._random = random
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins."""
        self._loop = asyncio.create_task(self._run(), name="broadcasts")

    async def stop(self) -> None:
        """Ends; what was being written is as if it had not been begun."""
        if self._loop is not None:
            await end([self._loop])

    async def drain(self) -> int:
        """Expands everything that is due; how many steps it took."""
        steps = 0
        while await self.step():
            steps += 1
        return steps

    async def step(self) -> bool:
        """One batch of one broadcast; false: none is due."""
        async with self._expansion.claim() as step:
            if step is None:
                return False
            if step.broadcast.expanded_at is not None:
                await step.finish()
            elif step.channel >= len(step.broadcast.channels):
                await step.expanded()
                log.info("broadcast_expanded", broadcast_id=step.broadcast.broadcast_id)
            else:
                await self._batch(step)
        return True

    async def _run(self) -> None:
        backoff = Backoff(self._random)
        while True:
            seen = self._nudges.count
            try:
                await self.drain()
                backoff.reset()
            except Exception as error:
                log.warning("broadcasts_unreachable", error=type(error).__name__)
                await self._clock.sleep(backoff.next_s())
                continue
            await self._nudges.beyond(seen, limits.MESSAGES_SCAN_S)

    async def _batch(self, step: Step) -> None:
        broadcast, channel = step.broadcast, step.broadcast.channels[step.channel]
        source, sender = self._audiences.get(channel), self._senders.get(channel)
        story = await self._stories.of(broadcast.show_id, broadcast.round_id)
        if source is None or sender is None or story is None:
            await step.write((), step.channel + 1, None)
            return
        people = await source.page(
            broadcast.show_id,
            broadcast.kind,
            round_id=broadcast.round_id,
            after=step.after,
            limit=limits.EXPANSION_MESSAGES,
        )
        making = _Making(broadcast, story, link_of(self._public_url, story), sender)
        at = max(broadcast.send_at, self._clock.now())
        messages = [
            made for one in people if (made := making.message(self._new_id(), one, at)) is not None
        ]
        if len(people) < limits.EXPANSION_MESSAGES:
            written = await step.write(messages, step.channel + 1, None)
        else:
            written = await step.write(messages, step.channel, people[-1].place)
        log.info(
            "broadcast_step",
            broadcast_id=broadcast.broadcast_id,
            channel=channel.value,
            people=len(people),
            messages=written,
        )


class _Making:
    """Makes one broadcast's messages: its texts are made once for each language."""

    def __init__(self, broadcast: Broadcast, story: Story, link: str, sender: Sender) -> None:
        self._broadcast = broadcast
        self._story = story
        self._link = link
        self._sender = sender
        self._texts: dict[Language, tuple[str, int]] = {}

    def message(self, message_id: str, recipient: Recipient, at: datetime) -> NewMessage | None:
        """The message to one person; ``None``: they get none on this channel."""
        broadcast = self._broadcast
        verdict = judge(
            broadcast.kind, broadcast.audience.languages, recipient, self._story.night, at
        )
        if verdict.window is None:
            return None
        language = language_of(recipient.language)
        body, count = None, 0
        payload: dict[str, Any]
        if recipient.channel in PHONE_CHANNELS:
            body, count = self._text(language)
            payload = {"zones": verdict.zones}
        else:
            own = own_words(broadcast.kind, language, broadcast.texts)
            payload = {"text": own and words_of(own, self._story, self._link)}
        return NewMessage(
            message_id=message_id,
            kind=broadcast.kind,
            channel=recipient.channel,
            sender=self._sender.address,
            language=language,
            dedupe_key=dedupe_key_of(broadcast, recipient.person_id),
            due_at=verdict.window.due_at,
            expires_at=verdict.window.expires_at,
            priority=PRIORITIES[broadcast.kind],
            show_id=broadcast.show_id,
            broadcast_id=broadcast.broadcast_id,
            round_id=broadcast.round_id,
            attendee_id=recipient.person_id,
            phone_id=recipient.phone_id,
            account_id=recipient.account_id,
            body=body,
            payload=payload,
            segments=count,
        )

    def _text(self, language: Language) -> tuple[str, int]:
        made = self._texts.get(language)
        if made is None:
            broadcast = self._broadcast
            text = text_of(broadcast.kind, language, self._story, self._link, broadcast.texts)
            made = self._texts[language] = (text, segments(text).count)
        return made
