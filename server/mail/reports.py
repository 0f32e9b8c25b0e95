"""Reports from mail providers and mail servers: proven, understood, kept."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

import structlog

from rooms.mail.bounces import Report, Verdict, verdict_of
from rooms.mail.ports import Bounces
from rooms.mail.reports import NoReport, read_report
from rooms.ports import Clock
from server.mail.schemas import MailEvent
from server.problems import ApiError
from server.secret import Secret

HEADER: Final = "X-Setroom-Signature"
"""``sha256=`` and the HMAC-SHA256 of the body in hexadecimal digits."""

SCHEME: Final = "sha256="
_OURS: Final = re.compile(
    r"^<?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@[^<>\s]+>?$"
)

log = structlog.get_logger(__name__)


class MailReports:
    """Takes reports.

    Args:
        secret: shared with who posts them; empty: nobody may.
    """

    def __init__(self, bounces: Bounces, secret: Secret, clock: Clock) -> None:
        self._bounces = bounces
        self._secret = secret
        self._clock = clock

    def prove(self, body: bytes, signature: str) -> None:
        """Whether the body is from who shares the secret; in constant time.

        Raises:
            ApiError: ``invalid_signature``; also where no secret is configured.
        """
        key = self._secret.reveal().encode()
        ours = SCHEME + hmac.new(key, body, hashlib.sha256).hexdigest()
        given = signature.strip().encode("utf-8", "replace")
        if not key or not hmac.compare_digest(ours.encode(), given):
            log.warning("webhook_refused", reason="signature" if key else "no_secret")
            raise ApiError(403, "invalid_signature", "This report is not signed with our secret.")

    async def take(self, events: list[MailEvent]) -> None:
        """Keeps events of a provider; those that were kept before change nothing."""
        for event in events:
            await self._hear(_report_of(event), "provider")

    async def take_mail(self, raw: bytes) -> None:
        """Keeps what a mail reports: a bounce (RFC 3464) or a complaint (RFC 5965).

        The signature is that of who passes such mails on, and anybody may write one to our bounce
        address. So only those are believed that know the name of a mail of ours, which nobody but
        its reader and the servers on its way have seen.

        Raises:
            ApiError: ``not_a_report``.
        """
        try:
            reports = read_report(raw)
        except NoReport as error:
            raise ApiError(422, "not_a_report", f"This mail is no report: {error}.") from None
        for report in reports:
            if await self._bounces.is_of_ours(report):
                await self._hear(report, "dsn")
            else:
                log.info("mail_report_unfounded", verdict=report.verdict.value)

    async def _hear(self, report: Report, source: str) -> None:
        fresh = await self._bounces.hear(report, source, self._clock.now())
        log.info(
            "mail_reported",
            verdict=report.verdict.value,
            status=report.status,
            message_id=report.message_id,
            source=source,
            fresh=fresh,
        )


def _report_of(event: MailEvent) -> Report:
    match event.event:
        case "complaint":
            verdict = Verdict.COMPLAINT
        case "delivered":
            verdict = Verdict.DELIVERED
        case _ if event.bounce_type is not None:
            verdict = Verdict(event.bounce_type)
        case _:
            verdict = verdict_of("failed", event.status) or Verdict.SOFT
    ours = _OURS.match((event.message_id or "").strip().lower())
    return Report(
        report=f"event:{event.id}",
        address=event.address,
        verdict=verdict,
        status=event.status,
        message_id=ours[1] if ours else None,
    )
