"""What people agree to when they JOIN and CONFIRM, and which wording of it they saw.

A consent row keeps `CONSENT_WORDING_VERSION`. The wording is `CONSENT_TEXTS` in every language: a
change to one of them is a new version, and a test that knows the old one's hash says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from rooms.sms.languages import Language

CONSENT_WORDING_VERSION: Final = "2026-11-22"
"""The day on which the wording became what it is."""

MESSAGES_PER_SHOW_MAX: Final = 8
"""The frequency that JOIN and CONFIRM promise: messages to one phone about one show that are no
reply to a text of theirs. NUDGE, RESULTS, RECAP and broadcasts together."""

CONSENT_TEXTS: Final = ("joined", "confirmed", "link", "help", "stopped", "started")
"""Texts whose words are part of the consent."""


def wording_hash(texts: Mapping[Language, Mapping[str, str]]) -> str:
    """SHA-256, hexadecimal, of the consent's words in all languages and of the promised number.

    Args:
        texts: by language and key.
    """
    lines = [
        f"{language}.{key}={texts[language][key]}"
        for language in sorted(texts)
        for key in CONSENT_TEXTS
    ]
    whole = "\n".join([*lines, f"messages={MESSAGES_PER_SHOW_MAX}"])
    return hashlib.sha256(whole.encode()).hexdigest()
