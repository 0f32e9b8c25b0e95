"""A mail as it goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from rooms.mail.blocks import Content, Footer, Paragraph
from rooms.mail.mime import Envelope, message_of, needs_utf8, split_address
from rooms.mail.rendering import render

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
CONTENT = Content(
    language="fr",
    subject="Ça y est : Zoë & les marées « en direct »",
    preheader="Bientôt",
    headline="Bientôt",
    blocks=(Paragraph("Été, " * 60), Paragraph(".\nFrom here\n. and there")),
    reason="Parce que",
)


def written(
    content: Content = CONTENT, to: str = "zoe@example.org", name: str = "Zoë"
) -> EmailMessage:
    envelope = Envelope(
        ID,
        Address("Sétroom", "hello", "setroom.test"),
        split_address(to, name),
        datetime(2026, 11, 22, 0, 12, tzinfo=UTC),
        "https://setroom.test/u",
    )
    mail = message_of(envelope, content, render(content, Footer("https://setroom.test/")))
    assert isinstance(mail, EmailMessage)
    return mail


def parsed(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_headers_beyond_ascii_are_encoded_and_read_again() -> None:
    raw = written().as_bytes(policy=policy.SMTP)
    mail = parsed(raw)

    assert raw.split(b"\r\n\r\n")[0].isascii()
    assert mail["Subject"] == CONTENT.subject
    assert mail["From"].addresses[0].display_name == "Sétroom"
    assert mail["To"].addresses[0].display_name == "Zoë"
    assert mail["Message-ID"] == f"<{ID}@setroom.test>"
    assert mail["List-Unsubscribe"] == "<https://setroom.test/u>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Content-Language"] == "fr"


def test_both_bodies_are_there_the_better_one_last() -> None:
    mail = parsed(written().as_bytes(policy=policy.SMTP))

    assert mail.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Été" in text.get_content()


def test_a_second_writing_is_the_first_byte_by_byte() -> None:
    assert written().as_bytes() == written().as_bytes()


def test_no_line_is_longer_than_servers_take() -> None:
    raw = written().as_bytes(policy=policy.SMTP)

    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_nobody_writes_headers_through_a_name_or_a_title() -> None:
    evil = "x\r\nBcc: all@example.org"
    content = Content("en", evil, "p", "h", (Paragraph("x"),), "r")
    mail = parsed(written(content, name=evil).as_bytes(policy=policy.SMTP))

    assert mail["Bcc"] is None
    assert mail["Subject"] == "x Bcc: all@example.org"


def test_an_address_has_its_domain_as_dns_has_it() -> None:
    address = split_address("ann@Bücher.example")

    assert address.addr_spec == "ann@xn--bcher-kva.example"
    assert not needs_utf8(address)
    assert needs_utf8(split_address("zoë@example.org"))
    with pytest.raises(ValueError, match="no address"):
        split_address("nobody")
