"""``GET /api/shows/{id}/analytics`` as server-sent events: the figures, again when they changed."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import asyncpg
import msgspec
import structlog
from litestar import Response
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from rooms.accounts.ports import SessionStore
from rooms.fanout.event_stream import HEARTBEAT, PADDING
from rooms.ports import Clock
from rooms.tasks import end
from server.doors.streams import HEADERS
from server.egress.streams import Stream, stream_of
from server.head import IS_HEAD
from server.problems import ApiError
from server.reports.analytics import FRESH_S, Analytics, Viewing
from server.reports.schemas import AnalyticsBody
from server.security.identity import Identity

HEARTBEAT_S: Final = 15.0
"""The shortest idle timeouts of proxies are 30 s."""

CHECK_S: Final = 15.0
"""Between two looks whether the viewer may still look."""

STREAMS_MAX: Final = 200
"""On one node: crews and their brands, not audiences."""

BACKLOG_BYTES_MAX: Final = 256 * 1024
"""Of one stream: some ten bodies. Who does not take them is dropped, and comes again."""

log = structlog.get_logger(__name__)

_encode = msgspec.json.Encoder().encode


class Follower(Struct, frozen=True):
    """Who follows what."""

    identity: Identity
    viewing: Viewing


class AnalyticsStreams:
    """Serves streams of figures on one node."""

    def __init__(self, analytics: Analytics, sessions: SessionStore, clock: Clock) -> None:
        self._analytics = analytics
        self._sessions = sessions
        self._clock = clock
        self._open = 0

    def check_room(self) -> None:
        """Whether one more may be opened.

        Raises:
            ApiError: ``busy``: `STREAMS_MAX` are open.
        """
        if self._open >= STREAMS_MAX:
            raise ApiError(503, "busy", "Many follow figures now.", retry_after_s=10)

    async def serve(self, scope: Scope, receive: Receive, send: Send, who: Follower) -> None:
        """One response, until it ends.

        Raises:
            ApiError: before the response began.
        """
        first = await self._analytics.of(who.viewing)
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS]})
        if not scope.get("state", {}).get(IS_HEAD):
            stream = stream_of(scope, receive, send)
            self._open += 1
            telling = asyncio.create_task(self._tell(stream, who, first))
            try:
                await stream.run()
            finally:
                self._open -= 1
                await end([telling])
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, stream: Stream, who: Follower, first: AnalyticsBody) -> None:
        try:
            stream.write(PADDING + _event(first))
            await self._follow(stream, who, first)
        finally:
            stream.end()

    async def _follow(self, stream: Stream, who: Follower, told: AnalyticsBody) -> None:
        """Tells what is new, until the show is archived or the viewer may look no longer."""
        spoke = checked = self._clock.monotonic()
        viewing = who.viewing
        while stream.is_open and not viewing.is_over:
            await self._clock.sleep(FRESH_S)
            now = self._clock.monotonic()
            try:
                if now - checked >= CHECK_S:
                    viewing, checked = await self._still(who), now
                body = await self._analytics.of(viewing)
            except ApiError as error:
                if error.status < 500:
                    return
                body = told  # the next look may succeed
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("analytics_not_read", error=type(error).__name__)
                body = told
            if not _same(body, told):
                spoke, told = now, body
                stream.write(_event(body))
            elif now - spoke >= HEARTBEAT_S:
                spoke = now
                stream.write(HEARTBEAT)
            if stream.backlog() > BACKLOG_BYTES_MAX:
                stream.abort()
        if viewing.is_over:
            stream.write(b"event: end\n" + _event(told))

    async def _still(self, who: Follower) -> Viewing:
        """The viewer as they stand now.

        Raises:
            ApiError: they may look no longer.
        """
        identity = who.identity
        live = await self._sessions.live(
            identity.session_id, identity.account_id, self._clock.now()
        )
        if live is None:
            raise ApiError(401, "not_authenticated", "The session is over.")
        return await self._analytics.admit(who.viewing.show_id, identity)


class AnalyticsStream(Response[None]):
    """A response that `AnalyticsStreams` writes."""

    def __init__(self, streams: AnalyticsStreams, who: Follower) -> None:
        super().__init__(None, media_type="text/event-stream")
        self._streams = streams
        self._who = who

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """The application that serves it, instead of one that knows its body."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await self._streams.serve(scope, receive, send, self._who)

        return serve


def _event(body: AnalyticsBody) -> bytes:
    return b"data: %b\n\n" % _encode(body)


def _same(one: AnalyticsBody, other: AnalyticsBody) -> bool:
    """Whether they tell the same, whenever they were looked at."""
    return msgspec.structs.replace(one, at=other.at) == other
