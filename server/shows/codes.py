"""Join codes and slugs."""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from datetime import datetime
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 O, 1 I L: read off a poster, said across a bar."""

CODE_CHARACTERS: Final = 6
"""31^6: 890 million codes, guessed at 30 tries in ten minutes."""

SLUG_CHARACTERS_MAX: Final = 80


def new_join_code() -> str:
    """A random join code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))


def same_code(given: str, code: str) -> bool:
    """Whether somebody typed this code, in whatever case and with whatever spaces."""
    return hmac.compare_digest(typed_code(given).encode(), code.encode())


def typed_code(given: str) -> str:
    """A code as it is kept, of what somebody typed."""
    return re.sub(r"[\s-]", "", given).upper()


def slug_of(title: str, starts_at: datetime, *, attempt: int = 0) -> str:
    """A readable name for a show's address, such as ``barton-hall-1977-05-08``.

    Args:
        attempt: beyond the first, random characters tell it from others of that name and day.
    """
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_CHARACTERS_MAX].strip("-") or "show"
    slug = f"{words}-{starts_at:%Y-%m-%d}"
    if attempt:
        slug += "-" + "".join(secrets.choice(ALPHABET) for _ in range(4)).lower()
    return slug
