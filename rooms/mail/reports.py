"""Reads reports that come as mails: bounces (RFC 3464) and complaints (ARF, RFC 5965)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Final

from rooms.mail.bounces import Report, Verdict, verdict_of

RECIPIENTS_MAX: Final = 50
"""Recipients that one report speaks of; ours have one."""

_OURS: Final = re.compile(
    r"<([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@[^<>\s]{1,255}>"
)
_ID: Final = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS: Final = re.compile(r"^[^\s<>@]{1,128}@[^\s<>@]{1,253}$")


class NoReport(ValueError):
    """It is no report of the two kinds."""


def read_report(raw: bytes) -> list[Report]:
    """What a mail reports.

    Raises:
        NoReport: it is another mail, such as an automatic answer.
    """
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    if mail.get_content_type() != "multipart/report":
        raise NoReport("not a multipart/report")
    kind = str(mail.get_param("report-type") or "").lower()
    parts = list(mail.iter_parts())
    name = _name_of(mail, raw)
    ours = _our_message(parts)
    match kind:
        case "delivery-status":
            return list(_bounces(parts, name, ours))
        case "feedback-report":
            return list(_complaints(parts, name, ours))
        case _:
            raise NoReport(f"a report of type {kind[:40]!r}")


def _bounces(parts: Sequence[Message], name: str, ours: str | None) -> Iterator[Report]:
    status_part = next(
        (p for p in parts if p.get_content_type() == "message/delivery-status"), None
    )
    if status_part is None or not isinstance(groups := status_part.get_payload(), list):
        raise NoReport("without its delivery status")
    about_mail, *about_recipients = [group for group in groups if isinstance(group, Message)]
    envelope = str(about_mail.get("Original-Envelope-Id") or "").strip().lower()
    message_id = envelope if _ID.match(envelope) else ours
    for number, fields in enumerate(about_recipients[:RECIPIENTS_MAX]):
        # Who it was meant for, where a server rewrote it; else whom it was tried for.
        address = _typed(fields.get("Original-Recipient")) or _typed(fields.get("Final-Recipient"))
        found = _STATUS.search(str(fields.get("Status") or ""))
        status = found[1] if found else None
        verdict = verdict_of(str(fields.get("Action") or ""), status)
        if address is None or verdict is None:
            continue
        yield Report(f"{name}:{number}", address, verdict, status, message_id)


def _complaints(parts: Sequence[Message], name: str, ours: str | None) -> Iterator[Report]:
    part = next((p for p in parts if p.get_content_type() == "message/feedback-report"), None)
    if part is None:
        raise NoReport("without its feedback report")
    fields = _fields(part)
    kind = str(fields.get("Feedback-Type") or "abuse").strip().lower()
    if kind == "not-spam":
        return
    address = _typed(fields.get("Original-Rcpt-To")) or _recipient_of_original(parts)
    if address is None:
        raise NoReport("which does not say whose it is")
    yield Report(f"{name}:0", address, Verdict.COMPLAINT, kind[:32], ours)


def _fields(part: Message) -> Message:
    """The fields of a ``message/feedback-report``: parsed as a mail's headers or left as text."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0]
    return message_from_bytes(str(payload).encode("utf-8", "replace"), policy=policy.compat32)


def _our_message(parts: Sequence[Message]) -> str | None:
    """Our message, by the Message-ID of the mail that came back."""
    for part in parts:
        original = _original(part)
        if original is not None:
            found = _OURS.search(str(original.get("Message-ID") or "").lower())
            if found:
                return found[1]
    return None


def _recipient_of_original(parts: Sequence[Message]) -> str | None:
    for part in parts:
        original = _original(part)
        if original is not None and (to := original.get("To")):
            plain = re.search(r"<([^<>]+)>", str(to))
            return _typed(plain[1] if plain else str(to))
    return None


def _original(part: Message) -> Message | None:
    """The mail that came back, or its headers."""
    payload = part.get_payload()
    match part.get_content_type():
        case "message/rfc822" if isinstance(payload, list) and isinstance(payload[0], Message):
            return payload[0]
        case "text/rfc822-headers" if isinstance(payload, str):
            return message_from_bytes(payload.encode("utf-8", "replace"), policy=policy.compat32)
        case _:
            return None


def _typed(value: object) -> str | None:
    """``rfc822;somebody@example.org`` as an address (RFC 3464 §2.1.2); plain ones as well."""
    if value is None:
        return None
    kind, separator, text = str(value).partition(";")
    if separator and kind.strip().lower() not in ("rfc822", "utf-8"):
        return None
    address = (text if separator else kind).strip().strip("<>")
    return address if _ADDRESS.match(address) else None


def _name_of(mail: EmailMessage, raw: bytes) -> str:
    """A report's own name: its Message-ID, or what it consists of."""
    own = str(mail.get("Message-ID") or "").strip()
    return hashlib.sha256(own.encode("utf-8", "replace") if own else raw).hexdigest()
