"""What of mail runs in a worker: the channel, what the outbox says, and the recurring jobs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import asyncpg

from jobs.mail.composing import Composer
from jobs.mail.effects import AnnounceShow, TellOfAccount, WelcomePeople
from jobs.mail.making import Maker
from jobs.mail.nights import LoggedNights
from jobs.mail.relay import Relay, SmtpRelay
from jobs.mail.sandbox import SandboxRelay
from jobs.mail.sending import MailSender, Stores
from jobs.mail.signing import Signature
from jobs.mail.tasks import Mailing
from rooms.mail.links import Links
from rooms.mail.notices import MAIL_JOINED, MAIL_NOTICE
from rooms.messaging.kinds import Channel
from rooms.outbox import ANNOUNCE_SHOW, Effect, Handlers
from rooms.ports import Clock, RoomLog
from server.mail.channel import address_hash, mail_channel, mail_sender
from server.mail.configuration import mode_of, relay_address, sender_of
from server.mail.links import SignedMailLinks
from server.messaging.channels import ChannelParts
from server.settings import Settings
from storage.ids import uuid7
from storage.mail.audiences import PostgresMailAudiences
from storage.mail.bounces import PostgresHanded, PostgresMailBounces
from storage.mail.digests import PostgresDigests
from storage.mail.expired import PostgresExpiredMail
from storage.mail.people import PostgresMailPeople
from storage.mail.sequence import PostgresWelcomes
from storage.mail.shows import PostgresMailShows
from storage.messaging.queue import PostgresMessages
from storage.sandbox.mail import PostgresSandboxMail


class MailWorker:
    """Mail in one worker process. Without a mail server and without the sandbox it takes effects
    and makes nothing of them: nobody is to get months of mails on the day one is configured.

    Attributes:
        people: who gets mail. ``maker``: makes messages.
    """

    def __init__(
        self, settings: Settings, pool: asyncpg.Pool[Any], room_log: RoomLog, clock: Clock
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._clock = clock
        hashed = address_hash(settings)
        self.people = PostgresMailPeople(pool, hashed)
        self._bounces = PostgresMailBounces(pool, hashed)
        self._digests = PostgresDigests(pool)
        self._shows = PostgresMailShows(pool)
        self._messages = PostgresMessages(pool)
        self._welcomes = PostgresWelcomes(pool)
        self._audiences = PostgresMailAudiences(pool)
        self._room_log = room_log
        self.maker = Maker(mail_sender(settings), _new_id)
        self._relay: Relay | None = None

    def channel(self) -> dict[Channel, ChannelParts]:
        """For `server.messaging.worker.MessagingWorker`; empty: no mail is sent."""
        settings = self._settings
        match mode_of(settings):
            case "smtp":
                address = relay_address(settings.mail_url.reveal())
                host = urlsplit(settings.public_url).hostname or "localhost"
                self._relay = SmtpRelay(address, host)
            case "sandbox":
                self._relay = SandboxRelay(PostgresSandboxMail(self._pool), self._clock.now)
            case _:
                return {}
        return mail_channel(settings, self._pool, self._sender(self._relay))

    def handlers(self) -> Handlers:
        """What delivers the outbox's effects that are mail's."""
        if mode_of(self._settings) == "off":
            return dict.fromkeys((MAIL_NOTICE, MAIL_JOINED, ANNOUNCE_SHOW), _nothing)
        return {
            MAIL_NOTICE: TellOfAccount(self.people, self._messages, self.maker),
            MAIL_JOINED: WelcomePeople(self.people, self._welcomes, self.maker),
            ANNOUNCE_SHOW: AnnounceShow(
                self._shows,
                self._audiences,
                self._messages,
                self._digests,
                self.maker,
                self._clock,
            ),
        }

    def jobs(self) -> Mailing | None:
        """What the recurring jobs work on; ``None``: no mail is sent."""
        if mode_of(self._settings) == "off":
            return None
        return Mailing(
            people=self.people,
            audiences=self._audiences,
            welcomes=self._welcomes,
            digests=self._digests,
            messages=self._messages,
            expired=PostgresExpiredMail(self._pool),
            maker=self.maker,
            clock=self._clock,
        )

    async def close(self) -> None:
        """Ends connections to the mail server."""
        if self._relay is not None:
            await self._relay.close()

    def _sender(self, relay: Relay) -> MailSender:
        settings = self._settings
        links = Links(settings.public_url)
        signed_links = SignedMailLinks(settings.secret_key, settings.public_url)
        composer = Composer(
            self._shows,
            LoggedNights(self._room_log, self._clock.monotonic),
            self._digests,
            signed_links,
            links,
            settings.sms_number,
        )
        stores = Stores(
            people=self.people,
            digests=self._digests,
            bounces=self._bounces,
            handed=PostgresHanded(self._pool),
        )
        return MailSender(
            sender_of(settings),
            stores,
            composer,
            signed_links,
            links,
            relay,
            self._clock,
            _signature(settings),
        )


def _signature(settings: Settings) -> Signature | None:
    key = settings.mail_dkim_key.reveal()
    if not key:
        return None
    return Signature(settings.mail_dkim_domain, settings.mail_dkim_selector, key.encode())


async def _nothing(effect: Effect) -> None:
    del effect


def _new_id() -> str:
    return str(uuid7())
