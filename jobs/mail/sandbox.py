"""Where mails go while no mail server is configured: kept, to be looked at in the panel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes, policy

from jobs.mail.relay import BeforeLast, NotReached, Posting, Result, Taken
from rooms.sandbox.mail import SandboxMailbox, SandboxMailRecord


class SandboxRelay:
    """Takes mails as a server would, and sends none."""

    def __init__(self, mailbox: SandboxMailbox, now: Callable[[], datetime]) -> None:
        self._mailbox = mailbox
        self._now = now

    async def post(self, posting: Posting, before_last: BeforeLast) -> Result:
        """Keeps one. The same message again is kept once."""
        mail = message_from_bytes(posting.data, policy=policy.default)
        record = SandboxMailRecord(
            mail_id=posting.envelope_id,
            sender=str(mail["From"]),
            recipient=posting.recipient,
            subject=str(mail["Subject"]),
            raw=posting.data,
            show_id=posting.show_id,
            created_at=self._now(),
        )
        await before_last()
        try:
            await self._mailbox.keep(record)
        except OSError:
            return NotReached("unreachable")
        return Taken()

    async def close(self) -> None:
        """Nothing is open."""
