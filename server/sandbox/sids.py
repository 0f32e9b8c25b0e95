"""Ids as Twilio writes them."""

from __future__ import annotations

import re
import secrets
from typing import Final
from uuid import UUID

SID: Final = re.compile(r"^SM[0-9a-f]{32}$")


def message_sid(of: str | None = None) -> str:
    """A message's id: of a UUID where there is one, else a random one."""
    return f"SM{UUID(of).hex if of else secrets.token_hex(16)}"
