"""Polls of those who have a seat, answered before anything is looked up.

A thousand people who poll ask a thousand times for the same few bytes. Their session and their
standing were read when they took their seat (`rooms.sessions.seats`); everything else of a call,
its headers, its log line and its count included, is as for all others.
"""

from __future__ import annotations

from typing import Final

from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from rooms import limits
from server.doors.polls import NOTHING_NEW, PollPlace, brief_place
from server.rooms.asgi import header_of, query_of
from server.security.headers import be_terse
from server.services import Services

PATH_END: Final = "/poll"
_JSON: Final = (b"content-type", b"application/json")
_SINCE_DIGITS_MAX: Final = 15


class SeatedPollMiddleware(ASGIMiddleware):
    """Stands before authentication; lets through whatever it does not know."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answers, or leaves it to the door."""
        answer = await _answer(scope) if scope["path"].endswith(PATH_END) else None
        if answer is None:
            await next_app(scope, receive, send)
            return
        if answer == NOTHING_NEW:
            be_terse(scope)
            await send({"type": "http.response.start", "status": 204, "headers": []})
        else:
            length = (b"content-length", str(len(answer)).encode())
            await send({"type": "http.response.start", "status": 200, "headers": [_JSON, length]})
        await send({"type": "http.response.body", "body": answer, "more_body": False})


async def _answer(scope: Scope) -> bytes | None:
    services: Services = scope["litestar_app"].state.services
    credentials = header_of(scope, b"authorization")
    show_id = scope.get("path_params", {}).get("show_id")
    place = _place(query_of(scope))
    if scope.get("method") != "GET" or credentials is None or place is None or services.draining:
        return None
    return await services.polls.poll_seated(str(show_id), credentials, place)


def _place(query: dict[str, str]) -> PollPlace | None:
    """Where the poller stands; ``None``: not said in the way that needs no explanation."""
    since, wait_s = query.get("since", ""), query.get("wait_s", "0")
    try:
        seconds = float(wait_s)
    except ValueError:
        return None
    if not seconds >= 0.0:
        return None
    if "at" in query:
        return brief_place(query["at"], min(seconds, limits.POLL_WAIT_S_MAX))
    if not (since.isascii() and since.isdigit() and len(since) <= _SINCE_DIGITS_MAX):
        return None
    return PollPlace(
        int(since),
        query.get("epoch"),
        query.get("cursor"),
        min(seconds, limits.POLL_WAIT_S_MAX),
    )
