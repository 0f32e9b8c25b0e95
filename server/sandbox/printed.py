"""Numbers as people write them."""

from __future__ import annotations

import phonenumbers


def printed(number: str) -> str:
    """A number in its international form (ITU-T E.123); a short code as it is."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
