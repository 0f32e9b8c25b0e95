"""What ``SETROOM_MAIL_…`` say, read apart and checked before anything is sent."""

from __future__ import annotations

import base64
import binascii
import re
from email.headerregistry import Address
from email.utils import parseaddr
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from jobs.mail.relay_address import RelayAddress

if TYPE_CHECKING:
    from server.settings import Settings

SANDBOX: Final = "sandbox:"
"""As an address: mails are kept in the database and looked at in the panel."""

OFF: Final = "off"
PORTS: Final = {"smtp": 587, "smtps": 465}
STARTTLS: Final = ("required", "auto", "never")
_DNS_NAME = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*$")

Mode = Literal["smtp", "sandbox", "off"]


def mode_of(settings: Settings) -> Mode:
    """Where mails go."""
    address = settings.mail_url.reveal()
    if address == SANDBOX:
        return "sandbox"
    return "smtp" if address and address != OFF else "off"


def relay_address(url: str) -> RelayAddress:
    """Reads ``smtp://user:password@host:port?starttls=required&ca=/path``.

    ``starttls``: by default required as soon as there is a password, else taken where offered.
    ``ca``: a file with the certificates to trust, for a relay with one of its own.

    Raises:
        ValueError: says what is wrong, without the address.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError("does not begin with smtp:// or smtps://")
    if not parts.hostname:
        raise ValueError("names no host")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = sorted(options.keys() - {"starttls", "ca"})
    if unknown:
        raise ValueError(f"has no option {unknown[0]}")
    tls = _tls_of(parts, options.get("starttls"))
    return RelayAddress(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        tls=tls,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password or "") if parts.username else None,
        ca_file=options.get("ca"),
    )


def sender_of(settings: Settings) -> Address:
    """Who mails are from. In the sandbox an address of the public host is made up."""
    name, address = parseaddr(settings.mail_from)
    if not address:
        host = urlsplit(settings.public_url).hostname or "localhost"
        name, address = "Setroom", f"hello@{host}"
    local, _, domain = address.rpartition("@")
    return Address(display_name=name or "Setroom", username=local, domain=domain)


def problems(settings: Settings) -> list[tuple[str, str]]:
    """(setting, what is wrong with it), without any secret."""
    found: list[tuple[str, str]] = []
    if settings.mail_from:
        _, address = parseaddr(settings.mail_from)
        try:
            validate_email(address, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            found.append(("mail_from", "not an address such as `Setroom <hello@example.org>`"))
    if mode_of(settings) == "smtp":
        try:
            relay_address(settings.mail_url.reveal())
        except ValueError as error:
            found.append(("mail_url", str(error)))
        if not settings.mail_from:
            found.append(("mail_from", "required to send mail"))
    return found + _of_dkim(settings)


def _tls_of(
    parts: SplitResult, wanted: str | None
) -> Literal["implicit", "required", "auto", "no"]:
    if parts.scheme == "smtps":
        if wanted is not None:
            raise ValueError("is smtps://, which has no STARTTLS")
        return "implicit"
    match wanted:
        case None:
            return "required" if parts.username else "auto"
        case "required":
            return "required"
        case "auto":
            return "auto"
        case "never":
            return "no"
        case _:
            raise ValueError(f"wants starttls to be one of {', '.join(STARTTLS)}")


def _of_dkim(settings: Settings) -> list[tuple[str, str]]:
    given = {
        name: bool(getattr(settings, name))
        for name in ("mail_dkim_domain", "mail_dkim_selector", "mail_dkim_key")
    }
    if not any(given.values()):
        return []
    found = [(name, "required to sign with DKIM") for name, there in given.items() if not there]
    found.extend(
        (name, "not a name for DNS")
        for name in ("mail_dkim_domain", "mail_dkim_selector")
        if given[name] and not _DNS_NAME.match(getattr(settings, name))
    )
    if given["mail_dkim_key"] and not _is_private_key(settings.mail_dkim_key.reveal()):
        found.append(("mail_dkim_key", "not an RSA private key in PEM"))
    return found


def _is_private_key(text: str) -> bool:
    """Whether this is PEM of a private RSA key (RFC 7468); what is inside, signing finds out."""
    match = re.fullmatch(
        r"-----BEGIN (RSA )?PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END (RSA )?PRIVATE KEY-----",
        text.strip(),
    )
    if match is None:
        return False
    try:
        return len(base64.b64decode("".join(match[2].split()), validate=True)) > 300
    except binascii.Error:
        return False
