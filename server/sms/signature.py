"""Whether a webhook is Twilio's: ``X-Twilio-Signature`` (https://www.twilio.com/docs/usage/security).

Signed is the *configured* public address with the request's query, because behind a proxy the
request's own address is another; then all parameters of a form, blank ones too, sorted, each name
with its values; or, of any other body, its SHA-256 in the query's ``bodySHA256``.

The signature itself is computed by Twilio's library. Around it stands what a door needs: values in
constant time, the port with and without (Twilio's own side is inconsistent there), a bound, and
every doubt is a no.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit, urlunsplit

import msgspec
from twilio.request_validator import RequestValidator

from server.secret import Secret

HEADER: Final = "X-Twilio-Signature"
FORM: Final = "application/x-www-form-urlencoded"

BODY_BYTES_MAX: Final = 64 * 1024
"""A text of 1,600 characters, percent-encoded, with ten media is 20 KiB."""

PARAMETERS_MAX: Final = 256
"""Of a form. Ten media make two each; Twilio sends some thirty others."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class SignatureInvalid(Exception):
    """Not shown to be Twilio's. ``reason`` is for the log and holds nothing that was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Parameters:
    """The parameters of a form, in the order they came; a name may have several values."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a name."""
        values = self._values.get(name)
        return values[0] if values else default

    def getall(self, name: str) -> list[str]:
        """All values of a name (what Twilio's validator asks for)."""
        return self._values.get(name, [])

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@lru_cache(256)
def signed_addresses(public_url: str, path: str, query: str) -> tuple[str, ...]:
    """What Twilio may have signed for a call of ``path?query``: as configured, and with or
    without the port.

    Args:
        public_url: `Settings.public_url`; may hold user, password and a path of its own.
        path: of the request, beginning with ``/``.
        query: as it stands in the request, undecoded.
    """
    parts = urlsplit(public_url)
    address = parts._replace(path=parts.path.rstrip("/") + path, query=query, fragment="")
    return _with_and_without_port(urlunsplit(address))


def _with_and_without_port(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    port = parts.port
    bare = host.removesuffix(f":{port}") if port is not None else host
    ported = host if port is not None else f"{host}:{_DEFAULT_PORTS.get(parts.scheme, 443)}"
    return tuple(
        dict.fromkeys(
            urlunsplit(parts._replace(netloc=f"{credentials}{at}{name}"))
            for name in (host, bare, ported)
        )
    )


class TwilioSignature:
    """Proves webhooks with one account's token. Without a token nothing is ever Twilio's."""

    def __init__(self, auth_token: Secret, public_url: str) -> None:
        self._validator = RequestValidator(auth_token.reveal()) if auth_token else None
        self._public_url = public_url

    def prove(
        self, *, path: str, query: str, content_type: str, body: bytes, signature: str
    ) -> Parameters:
        """The parameters of a webhook that is Twilio's: those of its form, or of its query.

        Raises:
            SignatureInvalid: no token is configured, it is too large, unreadable, or not signed
                by that token over this address and body.
        """
        if self._validator is None:
            raise SignatureInvalid("no_token")
        if not signature:
            raise SignatureInvalid("no_signature")
        if len(body) > BODY_BYTES_MAX:
            raise SignatureInvalid("too_large")
        form = _form(body, content_type)
        if form is None:
            _require_body_hash(query, body)
        given = signature.encode("utf-8", "surrogateescape")
        # The first is nearly always it. Which one it was is no secret; the values are.
        if not any(
            hmac.compare_digest(self.sign(address, form).encode(), given)
            for address in signed_addresses(self._public_url, path, query)
        ):
            raise SignatureInvalid("no_match")
        return form if form is not None else _members(body)

    def sign(self, address: str, parameters: Parameters | Mapping[str, str] | None) -> str:
        """The signature over an address and a form (``None``: a body that is no form)."""
        if self._validator is None:
            raise SignatureInvalid("no_token")
        return str(self._validator.compute_signature(address, parameters or {}))


def _form(body: bytes, content_type: str) -> Parameters | None:
    """The form that a body is; ``None``: it is something else."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        return None if body else Parameters([])
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )
    except ValueError:
        raise SignatureInvalid("unreadable_form") from None
    return Parameters(pairs)


def _members(body: bytes) -> Parameters:
    """The texts in a JSON object; of any other body nothing."""
    try:
        members = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return Parameters([])
    return Parameters([(name, value) for name, value in members.items() if isinstance(value, str)])


def _require_body_hash(query: str, body: bytes) -> None:
    try:
        stated = parse_qs(query, max_num_fields=PARAMETERS_MAX).get("bodySHA256", [])
    except ValueError:
        raise SignatureInvalid("unreadable_query") from None
    said = stated[0].lower().encode("utf-8", "surrogateescape") if len(stated) == 1 else b""
    if not hmac.compare_digest(said, sha256(body).hexdigest().encode()):
        raise SignatureInvalid("no_match")
