"""Writes a mail when it goes, by what is true then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

from msgspec import Struct

from rooms import limits
from rooms.mail.blocks import Content
from rooms.mail.compose import nights, security, shows, welcome
from rooms.mail.compose.digest import Material, Said, digest
from rooms.mail.digests import AHEAD, NEAR_AHEAD, overview_every, tells_of_coming
from rooms.mail.facts import Night, Reader, ShowFacts
from rooms.mail.kinds import MailType
from rooms.mail.letters import (
    AccountDeleted,
    Digest,
    Letter,
    NewDevice,
    NewShow,
    PasswordChanged,
    Recap,
    Reminder,
    Results,
    Verify,
    Welcome,
    Words,
)
from rooms.mail.links import Links
from rooms.mail.ports import Collected, Digests, MailLinks, Nights, Person, Shows
from rooms.messaging.ports import LeasedMessage
from rooms.show import ShowStatus

VERIFY_DAYS: Final = 30
"""How long the link in a welcome or a verification is good."""

COMING_IN_WELCOME: Final = 3
_TO_COME: Final = frozenset({ShowStatus.PUBLISHED, ShowStatus.LIVE})


class NotWritten(Struct, frozen=True):
    """There is nothing to say (any more). ``reason`` is kept with the message."""

    reason: str


class Composer:
    """Writes mails.

    Args:
        sms_number: where votes are texted to; empty: nowhere.
    """

    def __init__(
        self,
        shows: Shows,
        nights: Nights,
        digests: Digests,
        signed: MailLinks,
        links: Links,
        sms_number: str,
    ) -> None:
        self._shows = shows
        self._nights = nights
        self._digests = digests
        self._signed = signed
        self._links = links
        self._sms_number = sms_number

    async def write(
        self, message: LeasedMessage, letter: Letter, person: Person | None, now: datetime
    ) -> Content | NotWritten:
        """What a message says.

        Args:
            person: who gets it; ``None``: somebody who is gone.
        """
        match letter:
            case AccountDeleted(name):
                return security.account_deleted(Reader(name, message.language))
            case _ if person is None:
                return NotWritten("recipient_gone")
            case Welcome(step):
                return await self._welcome(step, person, now)
            case Verify():
                return welcome.verification(
                    person.reader, self._verify_url(person, now), VERIFY_DAYS
                )
            case NewDevice(device, at):
                return security.new_device(person.reader, self._links, device, at)
            case PasswordChanged(at):
                return security.password_changed(person.reader, self._links, at)
            case Digest():
                return await self._digest(message, letter, person, now)
            case NewShow() | Reminder() | Results() | Recap() | Words():
                return await self._of_show(message, letter, person)
            case _:
                assert_never(letter)

    async def _of_show(
        self,
        message: LeasedMessage,
        letter: NewShow | Reminder | Results | Recap | Words,
        person: Person,
    ) -> Content | NotWritten:
        show = await self._show(message.show_id or "")
        if show is None:
            return NotWritten("show_gone")
        reader, links = person.reader, self._links
        match letter:
            case NewShow(artist, near):
                if show.status is not ShowStatus.PUBLISHED or not show.public:
                    return NotWritten("no_longer_announced")
                return shows.new_show(show, artist, reader, links, near=near)
            case Reminder(lead):
                if show.status not in _TO_COME:
                    return NotWritten("no_longer_announced")
                return shows.reminder(show, lead, reader, links, sms_number=self._sms_number)
            case Results(text):
                return nights.results(await self._nights.night(show), reader, links, text)
            case Recap(text):
                return nights.recap(await self._nights.night(show), reader, links, text)
            case Words(text):
                return nights.broadcast(show, text, reader, links)
            case _:
                assert_never(letter)

    async def _welcome(self, step: int, person: Person, now: datetime) -> Content:
        coming: list[ShowFacts] = []
        if step == 2 and not person.reader.performs:
            coming += await self._shows.coming(
                person.home, now, now + NEAR_AHEAD, COMING_IN_WELCOME
            )
        proven = person.mailbox.verified
        return welcome.welcome(
            step,
            person.reader,
            self._links,
            verify_url=None if proven or step > 1 else self._verify_url(person, now),
            coming=coming,
        )

    async def _digest(
        self, message: LeasedMessage, letter: Digest, person: Person, now: datetime
    ) -> Content | NotWritten:
        collected = await self._digests.collected(message.message_id)
        material = await self._material(collected, letter, person, now)
        content = digest(letter.frequency, material, person.reader, self._links)
        return content or NotWritten("nothing_new")

    async def _material(
        self, collected: Sequence[Collected], letter: Digest, person: Person, now: datetime
    ) -> Material:
        known = await self._shows.facts(sorted({one.show_id for one in collected}))
        news: list[ShowFacts] = []
        results: list[Night] = []
        recaps: list[Night] = []
        said: list[Said] = []
        for one in collected:
            show = known.get(one.show_id)
            if show is None:
                continue
            match one.kind:
                case MailType.NEW_SHOW if show.public and show.status is ShowStatus.PUBLISHED:
                    news.append(show)
                case MailType.RESULTS if len(results) < limits.MAIL_DIGEST_LIST_MAX:
                    results.append(await self._nights.night(show))
                case MailType.RECAP if len(recaps) < limits.MAIL_DIGEST_LIST_MAX:
                    recaps.append(await self._nights.night(show))
                case MailType.BROADCAST:
                    said.append(Said(show, str(one.payload.get("text", ""))))
                case _:
                    pass
        yours: list[ShowFacts] = []
        near: list[ShowFacts] = []
        most = limits.MAIL_DIGEST_LIST_MAX
        if tells_of_coming(person.mailbox, letter.frequency):
            until = now + AHEAD[letter.frequency]
            yours += await self._shows.joined(person.account_id, now, until, most)
        if person.home is not None and overview_every(person.mailbox) is letter.frequency:
            near += await self._shows.coming(person.home, now, now + NEAR_AHEAD, most)
        return Material(
            yours=tuple(yours),
            news=tuple(news),
            near=tuple(near),
            results=tuple(results),
            recaps=tuple(recaps),
            said=tuple(said),
        )

    async def _show(self, show_id: str) -> ShowFacts | None:
        return (await self._shows.facts([show_id])).get(show_id) if show_id else None

    def _verify_url(self, person: Person, now: datetime) -> str:
        return self._signed.verify(person.account_id, person.mailbox.address or "", now)
