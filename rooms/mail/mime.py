"""The mail as it goes out (RFC 5322): headers, and both bodies as alternatives (RFC 2046)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import idna
from msgspec import Struct

from rooms.mail.blocks import Content
from rooms.mail.rendering import Rendered

NAME_CHARACTERS_MAX: Final = 60


class Envelope(Struct, frozen=True):
    """Who a mail goes to, from whom, and what it is known by.

    Attributes:
        message_id: of our message; the Message-ID is made of it, so that a mail that went out
            twice is known for one (RFC 5322 §3.6.4).
        one_click_url: where a POST unsubscribes (RFC 8058); ``None``: it cannot be refused.
        written_at: when it was first meant to be sent, so that a second try says the same.
    """

    message_id: str
    sender: Address
    to: Address
    written_at: datetime
    one_click_url: str | None = None


def message_id_header(message_id: str, domain: str) -> str:
    """``<uuid@domain>``."""
    return f"<{message_id}@{ascii_domain(domain)}>"


def message_of(envelope: Envelope, content: Content, rendered: Rendered) -> EmailMessage:
    """The mail. The same every time for the same arguments, its boundaries included."""
    sender, to = envelope.sender, envelope.to
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = _mailbox(sender)
    mail["To"] = _mailbox(to)
    mail["Subject"] = _one_line(content.subject)
    mail["Date"] = format_datetime(envelope.written_at)
    mail["Message-ID"] = message_id_header(envelope.message_id, sender.domain)
    mail["Auto-Submitted"] = "auto-generated"
    if envelope.one_click_url is not None:
        mail["List-Unsubscribe"] = f"<{envelope.one_click_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(rendered.text, charset="utf-8", cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", charset="utf-8", cte="quoted-printable")
    digest = hashlib.sha256(envelope.message_id.encode()).hexdigest()
    # After the bodies: making a mail multipart takes all Content-… headers away.
    mail["Content-Language"] = content.language
    mail.set_boundary(f"=_setroom_{digest[:32]}")
    return mail


def ascii_domain(domain: str) -> str:
    """A domain as DNS has it (IDNA 2008); one that is none is left to the server's judgement."""
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain


def split_address(text: str, display_name: str = "") -> Address:
    """An address as people write it, with its domain as DNS has it.

    Raises:
        ValueError: there is no ``@`` in it.
    """
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        raise ValueError("no address")
    return Address(
        display_name=_one_line(display_name)[:NAME_CHARACTERS_MAX],
        username=local,
        domain=ascii_domain(domain),
    )


def needs_utf8(address: Address) -> bool:
    """Whether only servers with SMTPUTF8 (RFC 6531) can take mail for it."""
    return not address.username.isascii()


def _mailbox(address: Address) -> Address:
    return Address(
        display_name=_one_line(address.display_name),
        username=address.username,
        domain=ascii_domain(address.domain),
    )


def _one_line(text: str) -> str:
    """Without what would end a header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
