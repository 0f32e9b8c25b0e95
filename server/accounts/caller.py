"""What is known of who makes a call, for rate limits."""

from __future__ import annotations

from typing import Any

from litestar import Request

from server.accounts.sessions import Caller
from server.security.tokens import TokenInvalid
from server.services import Services

DEVICE_HEADER = "X-Setroom-Device"


def caller_of(
    request: Request[Any, Any, Any], services: Services, device_token: str | None = None
) -> Caller:
    """The network address and, where a valid device token came along, the device."""
    address = request.client.host if request.client else "unknown"
    shown = device_token or request.headers.get(DEVICE_HEADER)
    if not shown:
        return Caller(address=address)
    try:
        return Caller(
            address=address, device=services.tokens.read_device(shown, services.clock.now())
        )
    except TokenInvalid:
        return Caller(address=address)
