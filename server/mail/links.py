"""Links in mails that prove who follows them (`rooms.mail.ports.MailLinks`)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from jobs.mail.composing import VERIFY_DAYS
from rooms.mail.kinds import MailType
from server.secret import Secret
from server.security.tokens import Signer, TokenInvalid

UNSUBSCRIBE_S: Final = 400 * 24 * 3600
"""A mail is found again after a year, and its link should still do what it says."""

VERIFY_S: Final = VERIFY_DAYS * 24 * 3600


class UnsubscribeClaims(Struct, frozen=True):
    """Whose mail it was, and of which type."""

    account_id: str
    kind: MailType


class VerifyClaims(Struct, frozen=True):
    """Whose address it is to be."""

    account_id: str
    address: str


class SignedMailLinks:
    """Makes and reads them. They open nothing else: neither an account nor a session."""

    def __init__(self, secret_key: Secret, public_url: str) -> None:
        self._unsubscribe = Signer(secret_key, "mail-unsubscribe")
        self._verify = Signer(secret_key, "mail-verify")
        self._public_url = public_url

    def verify(self, account_id: str, address: str, now: datetime) -> str:
        """Proves that an address is somebody's."""
        claims = {"sub": account_id, "adr": address}
        token = self._verify.sign(claims, now=now, lasts_s=VERIFY_S)
        return f"{self._public_url}/mail/verify/{token}"

    def unsubscribe(self, account_id: str, kind: MailType, now: datetime) -> str:
        """GET: a page to choose on; POST: one click (RFC 8058)."""
        claims = {"sub": account_id, "typ": kind.value}
        token = self._unsubscribe.sign(claims, now=now, lasts_s=UNSUBSCRIBE_S)
        return f"{self._public_url}/mail/unsubscribe/{token}"

    def read_verify(self, token: str, now: datetime) -> VerifyClaims:
        """Raises `TokenInvalid`."""
        claims = self._verify.read(token, now=now)
        return VerifyClaims(str(claims.get("sub")), str(claims.get("adr")))

    def read_unsubscribe(self, token: str, now: datetime) -> UnsubscribeClaims:
        """Raises `TokenInvalid`."""
        claims = self._unsubscribe.read(token, now=now)
        try:
            kind = MailType(str(claims.get("typ")))
        except ValueError:
            raise TokenInvalid from None
        return UnsubscribeClaims(str(claims.get("sub")), kind)
