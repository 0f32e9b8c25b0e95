"""Names of fields that could carry a person's words, number or secret."""

from __future__ import annotations

from typing import Final

STRUCK_OUT: Final = frozenset(
    {
        "access_token",
        "authorization",
        "body",
        "cookie",
        "email",
        "password",
        "phone",
        "refresh_token",
        "secret",
        "secret_key",
        "text",
        "ticket",
        "token",
    }
)
"""Their values never reach a log."""
