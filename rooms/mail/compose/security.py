"""SECURITY: what somebody must hear who cares for their account, whatever they have chosen."""

from __future__ import annotations

from datetime import datetime

from rooms.mail import dates
from rooms.mail.blocks import Block, Button, Content, Fact, Facts, Note, Paragraph
from rooms.mail.facts import Reader
from rooms.mail.links import Links
from rooms.mail.texts import Words


def new_device(reader: Reader, links: Links, device: str | None, at: datetime) -> Content:
    """Somebody signed in on a device that the account does not know."""
    words = Words(reader.language)
    name = device or words("device_unknown")
    when = dates.moment(at, reader.language, zone=True)
    facts = Facts((Fact(words("device_device"), name), Fact(words("device_when"), when)))
    blocks = (
        Paragraph(words("device_lead")),
        facts,
        Paragraph(words("device_not_you")),
        Button(words("device_button"), links.account),
    )
    return _notice("device", words, reader, blocks, device=name, when=when)


def password_changed(reader: Reader, links: Links, at: datetime) -> Content:
    """The password is another one now."""
    words = Words(reader.language)
    when = dates.moment(at, reader.language, zone=True)
    blocks = (
        Paragraph(words("password_lead")),
        Facts((Fact(words("device_when"), when),)),
        Paragraph(words("password_not_you")),
        Button(words("device_button"), links.account),
    )
    return _notice("password", words, reader, blocks)


def account_deleted(reader: Reader) -> Content:
    """The last mail."""
    words = Words(reader.language)
    return Content(
        language=reader.language,
        subject=words("deleted_subject"),
        preheader=words("deleted_preheader"),
        headline=words("deleted_headline", name=reader.name),
        blocks=(Paragraph(words("deleted_lead")), Note(words("deleted_not_you"))),
        reason=words("why_security"),
    )


def _notice(
    key: str, words: Words, reader: Reader, blocks: tuple[Block, ...], **values: object
) -> Content:
    return Content(
        language=reader.language,
        subject=words(f"{key}_subject"),
        preheader=words(f"{key}_preheader", **values),
        headline=words(f"{key}_headline"),
        blocks=(Paragraph(words("hello", name=reader.name)), *blocks),
        reason=words("why_security"),
    )
