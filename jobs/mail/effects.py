"""What the outbox says that becomes mails. Each handler bears repetition: messages have keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import structlog

from jobs.mail.making import Maker
from rooms.mail.audiences import Acquainted, Audiences
from rooms.mail.kinds import Frequency, MailType, language_of
from rooms.mail.letters import Letter, NewShow, Welcome, letter_of, payload_of
from rooms.mail.ports import Digests, People, Shows, Waits
from rooms.mail.welcoming import Welcomes, after_first
from rooms.messaging.kinds import MessageKind
from rooms.messaging.ports import MessageStore, NewMessage
from rooms.outbox import Effect, EffectRefused
from rooms.ports import Clock
from rooms.show import ShowStatus

SECOND_THOUGHTS: Final = timedelta(minutes=10)
"""A show's announcement goes out this much later: what was published by mistake is cancelled by
then, and what was misspelt mended. The mail is written when it goes."""

log = structlog.get_logger(__name__)


class TellOfAccount:
    """Handles `rooms.mail.notices.MAIL_NOTICE`."""

    def __init__(self, people: People, messages: MessageStore, maker: Maker) -> None:
        self._people = people
        self._messages = messages
        self._maker = maker

    async def __call__(self, effect: Effect) -> None:
        """Queues one mail.

        Raises:
            EffectRefused: the effect says nothing that could be mailed.
        """
        payload = effect.payload
        letter = _letter(payload)
        account_id, address = payload.get("account_id"), payload.get("address")
        language = language_of(payload.get("language"))
        if account_id is not None:
            person = await self._people.person(account_id)
            if person is None:
                return  # a guest, or gone meanwhile
            language = person.reader.language
        message = self._maker.make(
            MessageKind.SECURITY,
            letter,
            effect.dedupe_key,
            language,
            effect.created_at,
            account_id=account_id,
            address=address,
        )
        await self._messages.enqueue([message])


class WelcomePeople:
    """Handles `rooms.mail.notices.MAIL_JOINED`."""

    def __init__(self, people: People, welcomes: Welcomes, maker: Maker) -> None:
        self._people = people
        self._welcomes = welcomes
        self._maker = maker

    async def __call__(self, effect: Effect) -> None:
        """Queues the first mail and plans the others."""
        account_id = effect.payload.get("account_id")
        if not isinstance(account_id, str):
            raise EffectRefused("no account_id")
        person = await self._people.person(account_id)
        if person is None:
            return
        language = effect.payload.get("language")
        message = self._maker.make(
            MessageKind.WELCOME,
            Welcome(1),
            f"welcome:1:{account_id}",
            language_of(language, person.reader.language),
            effect.created_at,
            account_id=account_id,
        )
        await self._welcomes.begin(message, language, after_first(effect.created_at))


class AnnounceShow:
    """Handles `rooms.outbox.ANNOUNCE_SHOW`: tells those who know its artists."""

    def __init__(
        self,
        shows: Shows,
        audiences: Audiences,
        messages: MessageStore,
        digests: Digests,
        maker: Maker,
        clock: Clock,
    ) -> None:
        self._shows = shows
        self._audiences = audiences
        self._messages = messages
        self._digests = digests
        self._maker = maker
        self._clock = clock

    async def __call__(self, effect: Effect) -> None:
        """Queues a mail for each, or keeps it for a digest."""
        show_id = effect.show_id or str(effect.payload.get("show_id"))
        show = (await self._shows.facts([show_id])).get(show_id)
        if show is None or show.status is not ShowStatus.PUBLISHED or not show.public:
            return
        if show.starts_at <= effect.created_at + SECOND_THOUGHTS:
            return
        told = 0
        async for people in self._audiences.acquainted(show_id):
            messages: list[NewMessage] = []
            for person in people:
                letter = NewShow(person.artist, person.near)
                if person.far:
                    await self._keep(show_id, person, letter)
                    continue
                messages.append(
                    self._maker.make(
                        MessageKind.NEW_SHOW,
                        letter,
                        f"new_show:{show_id}:{person.account_id}",
                        person.language,
                        effect.created_at + SECOND_THOUGHTS,
                        account_id=person.account_id,
                        show_id=show_id,
                        expires_at=show.starts_at,
                    )
                )
            told += await self._messages.enqueue(messages)
        log.info("show_announced", show_id=show_id, mails=told)

    async def _keep(self, show_id: str, person: Acquainted, letter: NewShow) -> None:
        """Too far to be told at once. The key makes a second time the same one."""
        waits = Waits(Frequency.WEEKLY, MailType.NEW_SHOW, show_id, payload_of(letter))
        key = str(uuid5(UUID(show_id), person.account_id))
        await self._digests.collect(key, person.account_id, waits, self._clock.now())


def _letter(payload: dict[str, Any]) -> Letter:
    try:
        return letter_of(MessageKind.SECURITY, payload.get("letter"))
    except ValueError as error:
        raise EffectRefused(str(error)) from None
