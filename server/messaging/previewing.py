"""What a broadcast would be: whom it reaches, what they read, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from rooms import limits
from rooms.messaging.broadcasts import Audience
from rooms.messaging.kinds import PHONE_CHANNELS, Channel, MessageKind
from rooms.messaging.previews import Reach, too_many, untimely
from rooms.messaging.stories import Story, link_of
from rooms.messaging.texts import Problem, own_words, problems_of, text_of, words_of
from rooms.messaging.windows import last_moment
from rooms.ports import Clock
from rooms.sms.languages import Language
from rooms.sms.segments import Encoding, segments
from server.messaging.channels import ChannelParts

PAGE_PEOPLE: Final = 5_000
_OURS: Final = frozenset(language.value for language in Language)


class Wish(Struct, frozen=True, kw_only=True):
    """A broadcast that somebody thinks of. ``texts`` may name languages that we do not speak."""

    kind: MessageKind
    channels: tuple[Channel, ...]
    texts: Mapping[str, str]
    audience: Audience
    round_id: str | None
    send_at: datetime | None

    @property
    def own_texts(self) -> dict[Language, str]:
        """Crew's own words in languages that we speak."""
        return {Language(code): text for code, text in self.texts.items() if code in _OURS}


class Sample(Struct, frozen=True):
    """What people of one language get on one channel."""

    channel: Channel
    language: Language
    text: str
    segments: int
    encoding: Encoding | None
    recipients: int


class Preview(Struct, frozen=True, kw_only=True):
    """What a broadcast would be; with ``problems`` it cannot be sent."""

    reach: Reach
    samples: tuple[Sample, ...]
    segments: int
    cost_micros: int
    problems: tuple[Problem, ...]
    send_at: datetime
    expires_at: datetime


class Previews:
    """Makes previews.

    Args:
        channels: those that are offered.
        price_micros: of a segment, in millionths of a currency.
    """

    def __init__(
        self,
        channels: Mapping[Channel, ChannelParts],
        clock: Clock,
        public_url: str,
        price_micros: int,
    ) -> None:
        self._channels = channels
        self._clock = clock
        self._public_url = public_url
        self._price_micros = price_micros

    def defaults(self, kind: MessageKind, story: Story) -> dict[str, str]:
        """What is said of a kind without own words, by language."""
        if kind is MessageKind.BROADCAST:
            return {}
        link = link_of(self._public_url, story)
        return {language.value: text_of(kind, language, story, link, {}) for language in Language}

    async def of(self, wish: Wish, story: Story) -> Preview:
        """What a broadcast would be, and everything that speaks against it."""
        now = self._clock.now()
        at = now if wish.send_at is None else max(now, wish.send_at)
        problems = [
            *self._of_channels(wish),
            *untimely(wish.kind, story, wish.channels, wish.round_id is not None, at),
            *problems_of(wish.kind, wish.texts, story, link_of(self._public_url, story)),
        ]
        reach = Reach(wish.kind, wish.audience, story, at)
        for channel in wish.channels:
            await self._count(reach, wish, story, channel)
        if not problems:
            problems += too_many(reach.total)
        samples = self._samples(wish, story, reach)
        total = sum(sample.segments * sample.recipients for sample in samples)
        return Preview(
            reach=reach,
            samples=samples,
            segments=total,
            cost_micros=total * self._price_micros,
            problems=tuple(problems),
            send_at=at,
            expires_at=last_moment(wish.kind, story.night),
        )

    async def _count(self, reach: Reach, wish: Wish, story: Story, channel: Channel) -> None:
        parts = self._channels.get(channel)
        after = None
        while parts is not None and reach.total <= limits.BROADCAST_RECIPIENTS_MAX:
            people = await parts.audience.page(
                story.show_id, wish.kind, round_id=wish.round_id, after=after, limit=PAGE_PEOPLE
            )
            reach.add(people)
            if len(people) < PAGE_PEOPLE:
                return
            after = people[-1].place

    def _of_channels(self, wish: Wish) -> list[Problem]:
        return [
            Problem("channels", "channel_off", f"Messages by {channel.value} are not offered here.")
            for channel in wish.channels
            if channel not in self._channels
        ]

    def _samples(self, wish: Wish, story: Story, reach: Reach) -> tuple[Sample, ...]:
        """One for each language and channel that somebody gets; of own words also where nobody
        does, because whoever wrote them wants to see them."""
        texts = wish.own_texts
        counted = dict(reach.by_text)
        for channel in wish.channels:
            for language in texts or (Language.EN,):
                counted.setdefault((channel, language), 0)
        return tuple(
            self._sample(wish.kind, story, channel, language, texts, recipients)
            for (channel, language), recipients in sorted(counted.items())
            if channel in self._channels
        )

    def _sample(
        self,
        kind: MessageKind,
        story: Story,
        channel: Channel,
        language: Language,
        texts: Mapping[Language, str],
        recipients: int,
    ) -> Sample:
        link = link_of(self._public_url, story)
        if channel in PHONE_CHANNELS:
            text = text_of(kind, language, story, link, texts)
            counted = segments(text)
            return Sample(channel, language, text, counted.count, counted.encoding, recipients)
        own = own_words(kind, language, texts)
        text = words_of(own, story, link) if own else text_of(kind, language, story, link, {})
        return Sample(channel, language, text, 0, None, recipients)
