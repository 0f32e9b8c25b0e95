"""What is known of who makes a call: for rate limits, and for the device of a session."""

from __future__ import annotations

from typing import Any

from litestar import Request

from rooms.mail.kinds import LANGUAGES
from server.accounts.device_labels import device_label
from server.accounts.sessions import Caller
from server.languages import preferred_language
from server.security.tokens import DeviceClaims, TokenInvalid
from server.services import Services

DEVICE_HEADER = "X-Setroom-Device"
DEVICE_COOKIE = "setroom_device"


def caller_of(
    request: Request[Any, Any, Any], services: Services, device_token: str | None = None
) -> Caller:
    """The network address and, where a valid device token came along, the device."""
    by_cookie = _read(services, request.cookies.get(DEVICE_COOKIE))
    return Caller(
        address=request.client.host if request.client else "unknown",
        device=_read(services, device_token or request.headers.get(DEVICE_HEADER)),
        device_label=device_label(request.headers.get("user-agent")),
        cookie_device_id=by_cookie.device_id if by_cookie else None,
        language=preferred_language(request.headers.get("accept-language", ""), LANGUAGES),
    )


def _read(services: Services, token: str | None) -> DeviceClaims | None:
    if not token:
        return None
    try:
        return services.tokens.read_device(token, services.clock.now())
    except TokenInvalid:
        return None
