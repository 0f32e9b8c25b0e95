"""A user agent in a few words that its owner knows again: "Firefox on Android".

It is for people who look at the list of their sessions, so it is no better than that: what is not
known by name is told by what can be told, and nothing goes by it.
"""

from __future__ import annotations

import re
from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""In this order: most say that they are several, the last of these above all."""

_SYSTEMS: Final = (
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_PRODUCT: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}")


def device_label(user_agent: str | None) -> str | None:
    """At most 60 characters; ``None``: it says nothing of itself."""
    if not user_agent:
        return None
    text = user_agent[:500]
    browser = next((name for mark, name in _BROWSERS if mark in text), None)
    system = next((name for mark, name in _SYSTEMS if mark in text), None)
    if browser and system:
        return f"{browser} on {system}"
    product = _PRODUCT.match(text)
    return browser or system or (product[0] if product else None)
