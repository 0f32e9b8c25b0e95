"""Numbers and addresses as people see them who have no right to the whole."""

from __future__ import annotations

import phonenumbers

DOTS = "••••"


def masked_number(number: str) -> str:
    """``+1 •••• 0123``: the country, and what one's own number is known by.

    Args:
        number: E.164.
    """
    try:
        country = f"+{phonenumbers.parse(number, None).country_code} "
    except phonenumbers.NumberParseException:
        country = ""
    return f"{country}{DOTS} {number[-4:]}"


def masked_mail(address: str) -> str:
    """``r••••@example.org``."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{DOTS}@{domain}"
