"""Errors as Twilio's API says them (https://www.twilio.com/docs/usage/twilios-response)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response

REALM: Final = 'Basic realm="Twilio API"'


class TwilioError(Exception):
    """A call that the carrier refuses.

    Attributes:
        status: HTTP status.
        code: Twilio's error code.
        message: for people.
    """

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class TwilioErrorBody(msgspec.Struct, frozen=True):
    """The body of a refusal."""

    code: int
    message: str
    more_info: str
    status: int


def authenticate() -> TwilioError:
    """Account and token are not those of the sandbox."""
    return TwilioError(401, 20003, "Authenticate")


def missing(path: str) -> TwilioError:
    """There is nothing under this address."""
    return TwilioError(404, 20404, f"The requested resource {path} was not found")


def response_of(error: TwilioError) -> Response[Any]:
    """The refusal over HTTP."""
    body = TwilioErrorBody(
        code=error.code,
        message=error.message,
        more_info=f"https://www.twilio.com/docs/errors/{error.code}",
        status=error.status,
    )
    headers = {"WWW-Authenticate": REALM} if error.status == 401 else {}
    return Response(
        msgspec.json.encode(body),
        status_code=error.status,
        media_type="application/json",
        headers=headers,
    )
