"""Seeds of draws by lot: 32 random bytes, hexadecimal, that nobody can foresee."""

from __future__ import annotations

import secrets


def secret_seed() -> str:
    """A fresh seed."""
    return secrets.token_hex(32)
