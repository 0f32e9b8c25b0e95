"""What a mail server's answer means (RFC 5321 §4.2, RFC 3463).

========  ==============================  =====================================================
stage     answer                          meaning
========  ==============================  =====================================================
any       421, 4.3.x, 4.4.x               the server is busy: nothing can be sent now
login     5xx                             wrong credentials: nothing can be sent until mended
MAIL      5xx                             the sender is refused: likewise; but for its size
RCPT      4xx                             try again later (greylisting, full for now)
RCPT      5.1.x, 5.2.1; 550 without code  there is no such mailbox: nothing goes there again
RCPT      5.2.2, 552                      it is full
RCPT      other 5xx                       refused, by policy or for another reason
DATA      4xx                             try again later
DATA      5xx                             refused as it is
========  ==============================  =====================================================
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

_ENHANCED: Final = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")

NO_MAILBOX: Final = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Bad destination mailbox, system or syntax; moved; null MX; disabled (RFC 3463, RFC 7505)."""

FULL: Final = frozenset({"5.2.2", "4.2.2"})
TOO_LARGE: Final = frozenset({"5.2.3", "5.3.4"})

RETRIES_S: Final = (60.0, 180.0, 600.0, 1200.0, 2400.0, 3600.0)
"""Seconds until the next try, by tries before: greylisting wants a quarter of an hour, RFC 5321
§4.5.4.1 at least half of one; the last of these repeats."""


class Stage(StrEnum):
    """How far the conversation was."""

    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


class Verdict(StrEnum):
    """What becomes of the mail, or of all mails."""

    LATER = "later"
    ALL_LATER = "all_later"
    NEVER = "never"
    NO_MAILBOX = "no_mailbox"


class Reply(Struct, frozen=True):
    """An answer, understood. ``code``: enhanced where there is one, such as ``5.1.1``."""

    verdict: Verdict
    reason: str
    code: str


def understand(stage: Stage, status: int, text: str) -> Reply:
    """What an answer other than "yes" means for a mail; see the table above."""
    found = _ENHANCED.match(text)
    enhanced = ".".join(found.groups()) if found else ""
    code = enhanced or str(status)
    if status == 421 or enhanced.startswith(("4.3.", "4.4.")):
        return Reply(Verdict.ALL_LATER, "server_busy", code)
    if stage is Stage.LOGIN:
        return Reply(Verdict.ALL_LATER, "login_refused", code)
    if 400 <= status < 500:
        full = enhanced in FULL or status == 452
        return Reply(Verdict.LATER, "mailbox_full" if full else "refused_for_now", code)
    if status == 552 or enhanced in TOO_LARGE:
        full = stage is Stage.RECIPIENT and enhanced not in TOO_LARGE
        return Reply(Verdict.NEVER, "mailbox_full" if full else "too_large", code)
    match stage:
        case Stage.SENDER:
            return Reply(Verdict.ALL_LATER, "sender_refused", code)
        case Stage.RECIPIENT:
            return _of_recipient(status, enhanced, code)
        case Stage.CONTENT:
            return Reply(Verdict.NEVER, "content_refused", code)


def retry_s(attempts: int) -> float:
    """Seconds until the next try after so many earlier ones."""
    return RETRIES_S[min(attempts, len(RETRIES_S) - 1)]


def _of_recipient(status: int, enhanced: str, code: str) -> Reply:
    if enhanced in NO_MAILBOX or (not enhanced and status in (550, 551, 553)):
        return Reply(Verdict.NO_MAILBOX, "no_mailbox", code)
    if enhanced in FULL:
        return Reply(Verdict.NEVER, "mailbox_full", code)
    return Reply(Verdict.NEVER, "recipient_refused", code)
