"""Every error of the HTTP doors is one problem document (RFC 9457) with a stable ``code``.

`ApiError` is raised by the HTTP layer itself; `rooms.errors.RoomError` maps as it is, so that a
client meets the same ``code`` at every door.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.types import ExceptionHandlersMap
from msgspec import Struct

from rooms.acts import Act
from rooms.errors import RoomError
from rooms.ports import LogUnavailable
from server.field_problems import FieldProblem, body_problems, names_nothing
from server.security.headers import request_id_of

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "urn:setroom:problem:"

_log = structlog.get_logger(__name__)

_CODES: dict[int, str] = {
    400: "malformed_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    503: "unavailable",
}
"""Codes of errors that the framework raises by itself, by HTTP status."""

_DETAILS: dict[int, str] = {
    400: "The request cannot be read.",
    404: "There is nothing here.",
    405: "This address does not take that method.",
    413: "The body is larger than the limit.",
}


class Problem(Struct, frozen=True, omit_defaults=True):
    """The document. ``type`` is a URN of the code: nothing needs to be fetched to read it."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    retryable: bool = False
    retry_after_s: float | None = None
    errors: tuple[FieldProblem, ...] = ()
    request_id: str | None = None
    meanwhile: Act | None = None


class ApiError(Exception):
    """An HTTP call that was not carried out.

    Attributes:
        status: HTTP status.
        code: stable, snake_case, part of the wire contract.
        detail: one sentence for people; never holds a secret.
        errors: what is wrong, field by field.
        retry_after_s: seconds to wait before trying again, where that is known.
        headers: further response headers.
        meanwhile: what somebody did first that is the reason; for crew alone.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: tuple[FieldProblem, ...] = (),
        retry_after_s: float | None = None,
        headers: dict[str, str] | None = None,
        meanwhile: Act | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retry_after_s = retry_after_s
        self.headers = headers or {}
        self.meanwhile = meanwhile


def not_found(what: str) -> ApiError:
    """No such thing, or none that this caller may know of."""
    return ApiError(404, f"unknown_{what}", f"There is no such {what.replace('_', ' ')}.")


def not_authenticated(code: str = "not_authenticated", detail: str = "Sign in first.") -> ApiError:
    """No valid credentials came with the call (RFC 6750 §3)."""
    return ApiError(401, code, detail, headers={"WWW-Authenticate": "Bearer"})


def not_allowed(detail: str = "Your role may not do this.") -> ApiError:
    """The caller is known and may not do this."""
    return ApiError(403, "not_allowed", detail)


def invalid(*errors: FieldProblem) -> ApiError:
    """The body can be read and its values cannot be used; said field by field."""
    return ApiError(422, "validation_failed", "Some values cannot be used.", errors=errors)


def render(request: Request[Any, Any, Any], error: ApiError, *, retryable: bool = False) -> Any:
    """The response for an error."""
    problem = Problem(
        type=TYPE_BASE + error.code,
        title=_title(error.status),
        status=error.status,
        code=error.code,
        detail=error.detail,
        retryable=retryable or error.status in (429, 503),
        retry_after_s=error.retry_after_s,
        errors=error.errors,
        request_id=request_id_of(request.scope),
        meanwhile=error.meanwhile,
    )
    headers = dict(error.headers)
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    elif problem.retryable:
        headers.setdefault("Retry-After", "1")
    return Response(
        msgspec.json.encode(problem),
        status_code=error.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _on_api_error(request: Request[Any, Any, Any], error: ApiError) -> Any:
    return render(request, error)


def _on_room_error(request: Request[Any, Any, Any], error: RoomError) -> Any:
    return render(request, from_room_error(error), retryable=error.retryable)


def from_room_error(error: RoomError) -> ApiError:
    """The HTTP view of a room's error."""
    return ApiError(
        error.status,
        error.code,
        error.detail,
        retry_after_s=error.retry_after_s,
        meanwhile=error.meanwhile,
    )


def _on_validation(request: Request[Any, Any, Any], error: ValidationException) -> Any:
    # The framework stops at the first bad field; people want to hear of all of them.
    if names_nothing(error.extra):
        return render(request, ApiError(404, "not_found", _DETAILS[404]))
    errors = body_problems(request, error.extra)
    return render(request, invalid(*errors))


def _on_unreadable(request: Request[Any, Any, Any], _: Exception) -> Any:
    return render(request, ApiError(400, "malformed_json", "The body is not valid JSON."))


def _on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Any:
    status = error.status_code
    if status >= 500 and status != 503:
        return _on_anything(request, error)
    if isinstance(error.__cause__, SerializationException):
        return _on_unreadable(request, error.__cause__)
    code = _CODES.get(status, f"http_{status}")
    detail = _DETAILS.get(status, _title(status) + ".")
    return render(request, ApiError(status, code, detail, headers=error.headers))


def _on_bad_text(request: Request[Any, Any, Any], _: Exception) -> Any:
    # A NUL or a lone surrogate cannot be kept as text; which field had it is not told to us.
    return render(
        request, ApiError(422, "validation_failed", "Text must not hold NUL or half characters.")
    )


def _on_bad_value(request: Request[Any, Any, Any], error: Exception) -> Any:
    # Such as a year that no calendar of the store has. Logged: it may as well be our mistake.
    _log.warning("value_refused_by_store", error=type(error).__name__, route=_route(request))
    return render(
        request, ApiError(422, "validation_failed", "A value is outside of what can be kept.")
    )


def _on_store_away(request: Request[Any, Any, Any], error: Exception) -> Any:
    _log.warning("store_unavailable", error=type(error).__name__, route=_route(request))
    return render(
        request,
        ApiError(503, "unavailable", "The store cannot be reached. Try again.", retry_after_s=2),
    )


def _on_anything(request: Request[Any, Any, Any], error: Exception) -> Any:
    _log.error("request_failed", route=_route(request), method=request.method, exc_info=error)
    return render(request, ApiError(500, "internal_error", "Something went wrong on our side."))


def _route(request: Request[Any, Any, Any]) -> str:
    """The route's template: an address may hold an invitation's token."""
    return str(request.scope.get("path_template") or "none")


def exception_handlers() -> ExceptionHandlersMap:
    """Handlers for everything a handler or the framework can raise."""
    return {
        ApiError: _on_api_error,
        RoomError: _on_room_error,
        ValidationException: _on_validation,
        SerializationException: _on_unreadable,
        # Nothing of ours recurses: it is a body of ten thousand brackets.
        RecursionError: _on_unreadable,
        HTTPException: _on_http_exception,
        asyncpg.CharacterNotInRepertoireError: _on_bad_text,
        asyncpg.UntranslatableCharacterError: _on_bad_text,
        UnicodeEncodeError: _on_bad_text,
        asyncpg.DataError: _on_bad_value,
        asyncpg.PostgresConnectionError: _on_store_away,
        # Its disk is full, or its memory, or all its connections are taken.
        asyncpg.InsufficientResourcesError: _on_store_away,
        # It shuts down, crashed, starts, or gave a statement up that took too long.
        asyncpg.OperatorInterventionError: _on_store_away,
        asyncpg.PostgresSystemError: _on_store_away,
        # Rolled back for somebody else's sake, or no longer the server that may write.
        asyncpg.TransactionRollbackError: _on_store_away,
        asyncpg.InvalidTransactionStateError: _on_store_away,
        asyncpg.InternalClientError: _on_store_away,
        # Somebody else holds what the call needs for longer than it waits.
        asyncpg.LockNotAvailableError: _on_store_away,
        asyncpg.InterfaceError: _on_store_away,
        ConnectionError: _on_store_away,
        TimeoutError: _on_store_away,
        LogUnavailable: _on_store_away,
        Exception: _on_anything,
    }
