"""Who may look at the server itself."""

from __future__ import annotations

from server.problems import not_allowed
from server.security.identity import Identity


def check_admin(identity: Identity) -> None:
    """Raises `ApiError` 403 for everybody but admins."""
    if not identity.is_admin:
        raise not_allowed("Operations are for admins.")
