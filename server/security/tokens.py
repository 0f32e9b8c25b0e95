"""Signed tokens: JWT (RFC 7519), HS256, one key and one audience per purpose.

=========  ==================================  ==============  ===============================
kind       who holds it                        lasts           opens
=========  ==================================  ==============  ===============================
access     a client, in memory                 15 minutes      the API, while its session lives
cookie     a browser, same-site and http-only  30 days         the same, with a CSRF check
device     a device, for good                  400 days        its guest account; own limits
ticket     a client about to open a socket     60 s to open    one show's socket
=========  ==================================  ==============  ===============================

A token alone opens nothing: the session that it names is looked up at every call, so that a
revocation counts at once and on every node.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
import msgspec
from msgspec import Struct

from server.secret import Secret

ALGORITHM: Final = "HS256"
ACCESS_S: Final = 15 * 60
COOKIE_S: Final = 30 * 24 * 3600
DEVICE_S: Final = 400 * 24 * 3600
"""The longest that browsers keep a cookie (RFC 6265bis §5.5)."""

DEVICE_COOKIE_S: Final = 365 * 24 * 3600
"""The device's cookie, set anew whenever a page opens a session."""

_decode_claims: Final = msgspec.json.Decoder(dict[str, Any]).decode

TOKEN_CHARACTERS_MAX: Final = 2_048
"""Longer ones are not ours and are not parsed."""


class TokenInvalid(Exception):
    """Not one of ours, for another purpose, or expired.

    Attributes:
        expired: it was ours, and its time is over.
    """

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("expired" if expired else "invalid")
        self.expired = expired


class SessionClaims(Struct, frozen=True):
    """What an access or cookie token says."""

    account_id: str
    session_id: str
    role: str
    issued_at: int


class DeviceClaims(Struct, frozen=True):
    """What a device token says: the account it was given to, and the device's own id."""

    account_id: str
    device_id: str


def derive_key(secret_key: Secret, purpose: str) -> bytes:
    """A key of its own for each purpose (one step of HKDF, RFC 5869)."""
    return hmac.digest(secret_key.reveal().encode(), f"setroom {purpose}".encode(), "sha256")


class Signer:
    """Signs and reads the tokens of one purpose."""

    def __init__(self, secret_key: Secret, purpose: str) -> None:
        self._key = derive_key(secret_key, purpose)
        self._audience = f"setroom:{purpose}"
        # All that we sign begins alike; see `_as_signed`.
        self._head = jwt.encode({}, self._key, algorithm=ALGORITHM).partition(".")[0].encode()

    def sign(self, claims: dict[str, Any], *, now: datetime, lasts_s: float) -> str:
        """A token that expires ``lasts_s`` seconds after ``now``."""
        payload = {
            **claims,
            "aud": self._audience,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=lasts_s)).timestamp()),
        }
        return jwt.encode(payload, self._key, algorithm=ALGORITHM)

    def read(self, token: str, *, now: datetime, leeway_s: float = 0) -> dict[str, Any]:
        """The claims of a token.

        Raises:
            TokenInvalid: forged, for another purpose, malformed or expired.
        """
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise TokenInvalid
        ours = self._as_signed(token)
        if ours is not None:
            if now.timestamp() > float(ours["exp"]) + leeway_s:
                raise TokenInvalid(expired=True)
            return ours
        try:
            # PyJWT would judge by the machine's clock; ours is corrected to the database's.
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat"]},
            )
            expires_at = float(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError, UnicodeError):
            raise TokenInvalid from None
        if now.timestamp() > expires_at + leeway_s:
            raise TokenInvalid(expired=True)
        return claims

    def _as_signed(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that is, byte for byte, as `sign` writes them; ``None``: it is
        not, and the library says what it is.

        The library takes ten times as long, and a thousand come through a door at once.
        """
        signed, _, signature = token.encode("ascii", "replace").rpartition(b".")
        head, _, body = signed.partition(b".")
        if head != self._head:
            return None
        right = urlsafe_b64encode(hmac.digest(self._key, signed, "sha256")).rstrip(b"=")
        if not hmac.compare_digest(right, signature):
            return None
        claims = _decode_claims(urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
        if claims.get("aud") != self._audience or "nbf" in claims:
            return None
        times = claims.get("iat"), claims.get("exp")
        return claims if all(isinstance(at, int) for at in times) else None


class Tokens:
    """Access, cookie and device tokens."""

    def __init__(self, secret_key: Secret) -> None:
        self._access = Signer(secret_key, "access")
        self._cookie = Signer(secret_key, "cookie")
        self._device = Signer(secret_key, "device")

    def access(self, account_id: str, session_id: str, role: str, now: datetime) -> str:
        """A token for ``Authorization: Bearer``."""
        return _session(self._access, account_id, session_id, role, now, ACCESS_S)

    def cookie(self, account_id: str, session_id: str, role: str, now: datetime) -> str:
        """A token for the pages' cookie."""
        return _session(self._cookie, account_id, session_id, role, now, COOKIE_S)

    def device(self, account_id: str, device_id: str, now: datetime) -> str:
        """A token that a device keeps."""
        return self._device.sign({"sub": account_id, "dev": device_id}, now=now, lasts_s=DEVICE_S)

    def read_access(self, token: str, now: datetime) -> SessionClaims:
        """Reads a bearer token; raises `TokenInvalid`."""
        return _claims(self._access.read(token, now=now))

    def read_cookie(self, token: str, now: datetime) -> SessionClaims:
        """Reads a cookie; raises `TokenInvalid`."""
        return _claims(self._cookie.read(token, now=now))

    def read_device(self, token: str, now: datetime) -> DeviceClaims:
        """Reads a device token; raises `TokenInvalid`."""
        claims = self._device.read(token, now=now)
        return DeviceClaims(account_id=str(claims.get("sub")), device_id=str(claims.get("dev")))


def _session(
    signer: Signer, account_id: str, session_id: str, role: str, now: datetime, lasts_s: float
) -> str:
    return signer.sign(
        {"sub": account_id, "sid": session_id, "role": role}, now=now, lasts_s=lasts_s
    )


def _claims(claims: dict[str, Any]) -> SessionClaims:
    return SessionClaims(
        account_id=str(claims.get("sub")),
        session_id=str(claims.get("sid")),
        role=str(claims.get("role")),
        issued_at=int(claims["iat"]),
    )


def new_opaque_token() -> str:
    """A refresh or invitation token: 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def opaque_hash(token: str) -> bytes:
    """What is stored of an opaque token. It is random: a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
