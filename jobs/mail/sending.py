"""Mail as a channel of messages (`rooms.messaging.ports.MessageSender`).

A mail server cannot be asked whether it has a mail. So it is written down just before the last byte
is sent (`rooms.mail.ports.Handed`): a try that did not come that far is made again without a doubt.
One that did, and whose answer nobody heard, is repeated only where being told twice is better than
not at all: SECURITY, once. Everything else counts as sent, ``unconfirmed``. The Message-ID is the
same each time, by which mailboxes know two copies for one.
"""

from __future__ import annotations

from email import policy
from email.headerregistry import Address
from typing import Final, assert_never

import dkim
import structlog
from msgspec import Struct

from jobs.mail.composing import Composer, NotWritten
from jobs.mail.relay import Lost, NotReached, Posting, Refused, Relay, Taken
from jobs.mail.signing import Signature, signed
from rooms import limits
from rooms.mail.blocks import Content, Footer
from rooms.mail.decisions import (
    Collect,
    Decision,
    Mailbox,
    Suppression,
    Withhold,
    decide,
)
from rooms.mail.kinds import MailType
from rooms.mail.letters import AccountDeleted, Letter, letter_of, payload_of, purpose_of, type_of
from rooms.mail.links import Links
from rooms.mail.mime import Envelope, message_id_header, message_of, needs_utf8, split_address
from rooms.mail.ports import Bounces, Digests, Handed, MailLinks, People, Person, Waits
from rooms.mail.rendering import render
from rooms.mail.replies import Reply, Verdict, retry_s
from rooms.messaging.kinds import MessageKind
from rooms.messaging.ports import (
    Accepted,
    Known,
    LeasedMessage,
    Lookup,
    NotFound,
    Outcome,
    Permanent,
    Temporary,
    Unknown,
)
from rooms.ports import Clock

UNCONFIRMED: Final = "unconfirmed"
"""Kept with a mail that counts as sent though nobody heard the server say so."""

IN_DIGEST: Final = "in_digest"
"""Kept with a mail that waits for, or went out with, a digest."""

SECURITY_TRIES_MAX: Final = 2
"""After these a mail that cannot be refused is not repeated either, whatever nobody heard."""

log = structlog.get_logger(__name__)


class Stores(Struct, frozen=True):
    """What sending reads and writes."""

    people: People
    digests: Digests
    bounces: Bounces
    handed: Handed


class MailSender:
    """Decides, writes, signs and hands over.

    Args:
        sender: who mails are from; bounces come back to the same address.
        signature: ``None``: the mail server signs, or nobody.
    """

    def __init__(
        self,
        sender: Address,
        stores: Stores,
        composer: Composer,
        signed_links: MailLinks,
        links: Links,
        relay: Relay,
        clock: Clock,
        signature: Signature | None = None,
    ) -> None:
        self._sender = sender
        self._stores = stores
        self._composer = composer
        self._signed_links = signed_links
        self._links = links
        self._relay = relay
        self._clock = clock
        self._signature = signature

    async def send(self, message: LeasedMessage) -> Outcome:
        """Hands one over, once; or says why it does not go."""
        try:
            letter = letter_of(message.kind, message.payload, message.body)
        except ValueError:
            return Permanent("unreadable")
        person = None
        if message.account_id is not None:
            person = await self._stores.people.person(message.account_id)
        mailbox = await self._mailbox(message, person)
        kind = type_of(message.kind)
        decision = decide(kind, mailbox, purpose_of(letter))
        if (kept := await self._kept_back(message, letter, decision)) is not None:
            return kept
        content = await self._composer.write(message, letter, person, self._clock.now())
        if isinstance(content, NotWritten):
            return Permanent(content.reason, opted_out=True)
        try:
            posting = self._posting(message, kind, content, mailbox.address or "", person)
        except ValueError:
            return Permanent("invalid_address", suppress=False)
        except dkim.DKIMException as error:
            log.error("mail_not_signed", error=type(error).__name__)
            return Temporary("not_signed", sender_wide=True)
        return await self._post(message, letter, posting)

    async def look_up(self, message: LeasedMessage, known: Known) -> Lookup:
        """Whether a mail whose hand-over broke may be sent again."""
        del known
        if not await self._stores.handed.may_be_there(message.message_id):
            return NotFound()
        if message.kind is MessageKind.SECURITY and message.attempts < SECURITY_TRIES_MAX:
            return NotFound()
        name = message_id_header(message.message_id, self._sender.domain)
        return Accepted(name, error_code=UNCONFIRMED)

    async def _mailbox(self, message: LeasedMessage, person: Person | None) -> Mailbox:
        if person is not None:
            return person.mailbox
        if message.address is None:
            return Mailbox(None)
        # Somebody who is gone: the address came along with the message.
        return Mailbox(
            message.address, suppressed=await self._stores.people.suppressed(message.address)
        )

    async def _kept_back(
        self, message: LeasedMessage, letter: Letter, decision: Decision
    ) -> Outcome | None:
        match decision:
            case Withhold(reason):
                return Permanent(reason, opted_out=True)
            case Collect(frequency) if message.account_id and message.show_id:
                waits = Waits(frequency, type_of(message.kind), message.show_id, payload_of(letter))
                await self._stores.digests.collect(
                    message.message_id, message.account_id, waits, self._clock.now()
                )
                return Permanent(IN_DIGEST, opted_out=True)
            case _:
                return None

    def _posting(
        self,
        message: LeasedMessage,
        kind: MailType,
        content: Content,
        address: str,
        person: Person | None,
    ) -> Posting:
        """The mail as it goes out.

        Raises:
            ValueError: the address is none.
        """
        to = split_address(address, person.reader.name if person else "")
        url = None
        if person is not None and kind is not MailType.SECURITY:
            url = self._signed_links.unsubscribe(person.account_id, kind, message.created_at)
        footer = Footer(self._links.home, f"{url}#choices" if url else None, url)
        envelope = Envelope(message.message_id, self._sender, to, message.created_at, url)
        mail = message_of(envelope, content, render(content, footer))
        utf8 = needs_utf8(to)
        data = mail.as_bytes(policy=policy.SMTPUTF8 if utf8 else policy.SMTP)
        if self._signature is not None:
            data = signed(data, self._signature)
        return Posting(
            data=data,
            sender=self._sender.addr_spec,
            recipient=f"{to.username}@{to.domain}",
            envelope_id=message.message_id,
            utf8=utf8,
            show_id=message.show_id,
        )

    async def _post(self, message: LeasedMessage, letter: Letter, posting: Posting) -> Outcome:
        handed = self._stores.handed

        async def before_last() -> None:
            await handed.about_to(message.message_id, self._clock.now())

        result = await self._relay.post(posting, before_last)
        match result:
            case Taken():
                if isinstance(letter, AccountDeleted):
                    await handed.forget_address(message.message_id)
                return Accepted(message_id_header(message.message_id, self._sender.domain))
            case Refused(reply):
                await handed.not_after_all(message.message_id)
                return await self._refused(message, posting, reply)
            case NotReached(reason):
                return Temporary(reason, sender_wide=reason == "unreachable")
            case Lost(reason):
                return Unknown(reason)
            case _:
                assert_never(result)

    async def _refused(self, message: LeasedMessage, posting: Posting, reply: Reply) -> Outcome:
        code = reply.code[: limits.MAIL_CODE_CHARACTERS_MAX]
        match reply.verdict:
            case Verdict.ALL_LATER:
                return Temporary(reply.reason, code, sender_wide=True)
            case Verdict.LATER:
                return Temporary(reply.reason, code, retry_after_s=retry_s(message.attempts - 1))
            case Verdict.NO_MAILBOX:
                # Kept with addresses, not with phones: the queue need not suppress anything.
                await self._stores.bounces.suppress(
                    posting.recipient, Suppression.BOUNCED, "smtp", self._clock.now()
                )
                return Permanent(reply.reason, code)
            case Verdict.NEVER:
                return Permanent(reply.reason, code)
            case _:
                assert_never(reply.verdict)
