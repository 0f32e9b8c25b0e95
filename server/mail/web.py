"""What of mail runs in a web node."""

from __future__ import annotations

from typing import Any

import asyncpg

from jobs.mail.making import Maker
from rooms.ports import Clock
from server.mail.channel import address_hash, mail_sender
from server.mail.choices import MailChoices
from server.mail.configuration import mode_of
from server.mail.links import SignedMailLinks
from server.mail.reports import MailReports
from server.rate_limits import RateLimits
from server.settings import Settings
from storage.ids import uuid7
from storage.mail.bounces import PostgresMailBounces
from storage.mail.people import PostgresMailPeople
from storage.messaging.queue import PostgresMessages


def mail_choices(
    settings: Settings, pool: asyncpg.Pool[Any], limits: RateLimits, clock: Clock
) -> MailChoices:
    """What people choose."""
    return MailChoices(
        PostgresMailPeople(pool, address_hash(settings)),
        PostgresMessages(pool),
        SignedMailLinks(settings.secret_key, settings.public_url),
        Maker(mail_sender(settings), lambda: str(uuid7())),
        limits,
        clock,
        offered=mode_of(settings) != "off",
    )


def mail_reports(settings: Settings, pool: asyncpg.Pool[Any], clock: Clock) -> MailReports:
    """What is reported of mails."""
    bounces = PostgresMailBounces(pool, address_hash(settings))
    return MailReports(bounces, settings.mail_webhook_secret, clock)
