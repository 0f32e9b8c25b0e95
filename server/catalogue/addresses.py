"""Readable addresses that never change: a name, and the end of the id that finds it.

``/songs/ripple-8c1ab2d2f7e0``: twelve hexadecimal digits are the last group of a UUID. The name is
for people; whatever it says, the id decides, and a page at another name redirects to its own.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote
from uuid import UUID

from rooms.catalogue.names import title_key
from rooms.catalogue.records import Kind, Named

NAME_CHARACTERS_MAX: Final = 60

FOLDERS: Final = {
    Kind.ARTIST: "artists",
    Kind.VENUE: "venues",
    Kind.TOUR: "tours",
    Kind.SONG: "songs",
}
_SHORT_ID = re.compile(r"(?:^|-)([0-9a-f]{12})$")


def readable(name: str) -> str:
    """A name as part of an address: lower case, hyphens; other scripts as they are."""
    words = title_key(name)
    kept = "".join(sign if sign.isalnum() or sign == " " else "" for sign in words)
    return "-".join(kept[:NAME_CHARACTERS_MAX].split())


def address_of(named: Named) -> str:
    """The path of the page of an artist, venue, tour or song."""
    return address(named.kind, named.id, named.name)


def address(kind: Kind, one: str, name: str) -> str:
    """The path of a page by what it is about."""
    last = "-".join(part for part in (readable(name), one[-12:]) if part)
    return f"/{FOLDERS[kind]}/{quote(last)}"


def show_address(slug: str) -> str:
    """The path of a show's page."""
    return f"/shows/{slug}"


def whole_id(text: str) -> str | None:
    """The UUID that a text is."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


def short_id(text: str) -> str | None:
    """The end of the id in the last part of an address."""
    found = _SHORT_ID.search(text)
    return found[1] if found else None
