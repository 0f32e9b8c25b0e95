"""E-mail addresses as they are kept and compared."""

from __future__ import annotations

from typing import Final

import idna
from email_validator import EmailNotValidError, validate_email

CHARACTERS_MAX: Final = 254
"""RFC 5321 §4.5.3.1.3, less the angle brackets."""


def normalised_email(email: str) -> str | None:
    """The address as it is kept, or ``None`` when it is none (RFC 5321, 5322, 6531).

    Whether mail reaches it shows when mail is sent: names of private networks and of tests
    (RFC 6761) are taken like any other.
    """
    local, at, domain = email.strip().rpartition("@")
    if not at or len(email) > CHARACTERS_MAX:
        return None
    try:
        ascii_domain = idna.encode(domain.removesuffix("."), uts46=True).decode()
        kept_domain = idna.decode(ascii_domain)
        # The library refuses special-use domains; only the part before the @ is its to judge.
        found = validate_email(f"{local}@example.com", check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return None
    if "." not in ascii_domain and ascii_domain != "localhost":
        return None
    address = f"{found.local_part}@{kept_domain}".casefold()
    return address if len(address) <= CHARACTERS_MAX else None
