"""Codes that the app shows, and tokens of links in texts.

A code is six digits that somebody types: it lasts minutes, wrong ones are counted, and only a keyed
hash is kept. A token stands in an address that has to be short: 72 random bits, and 30 bits of a
signature, so that made-up ones cost no query.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

from server.secret import Secret
from server.security.tokens import derive_key

CODE_DIGITS: Final = 6
_RANDOM_BYTES: Final = 9
_RANDOM_CHARACTERS: Final = 12
_SIGNATURE_CHARACTERS: Final = 5
TOKEN_CHARACTERS: Final = _RANDOM_CHARACTERS + _SIGNATURE_CHARACTERS


class PhoneSecrets:
    """Makes codes and tokens, and what is kept of them."""

    def __init__(self, secret_key: Secret) -> None:
        self._code_key = derive_key(secret_key, "phone code")
        self._link_key = derive_key(secret_key, "phone link")

    def new_code(self) -> str:
        """Six random digits; the first is never 0, which some write and some leave out."""
        return str(10 ** (CODE_DIGITS - 1) + secrets.randbelow(9 * 10 ** (CODE_DIGITS - 1)))

    def code_hash(self, code: str) -> bytes:
        """What is kept of a code."""
        return hmac.digest(self._code_key, code.encode(), "sha256")

    def new_token(self) -> str:
        """The token of a new link."""
        random = base64.urlsafe_b64encode(secrets.token_bytes(_RANDOM_BYTES)).decode()
        return random + self._signature(random)

    def token_hash(self, token: str) -> bytes | None:
        """What is kept of a token; ``None``: it was never one of ours."""
        if len(token) != TOKEN_CHARACTERS or not token.isascii():
            return None
        random, signature = token[:_RANDOM_CHARACTERS], token[_RANDOM_CHARACTERS:]
        if not hmac.compare_digest(signature, self._signature(random)):
            return None
        return hashlib.sha256(token.encode()).digest()

    def _signature(self, random: str) -> str:
        digest = hmac.digest(self._link_key, random.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode()[:_SIGNATURE_CHARACTERS]
