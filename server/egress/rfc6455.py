"""What RFC 6455 asks for and the library under the server leaves to whoever uses it.

The table of cases that this is held to is docs/conformance.md.
"""

from __future__ import annotations

import codecs
from http import HTTPStatus

from websockets.frames import CloseCode as Rfc
from websockets.frames import Frame
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from rooms import limits
from rooms.messages import CloseCode
from rooms.sessions.allowance import TokenBucket

VERSION = "13"

Fault = tuple[int, str]
"""Close code and reason."""

_NOT_TEXT: Fault = (Rfc.INVALID_DATA, "not UTF-8")
_TOO_MANY_FRAMES: Fault = (CloseCode.TOO_LARGE, "too many frames in a message")
_TOO_MANY_PINGS: Fault = (Rfc.POLICY_VIOLATION, "too many pings")

_utf8 = codecs.getincrementaldecoder("utf-8")


class RoomProtocol(ServerProtocol):
    """Never compresses, says "too large" by the room's own code, and which version it speaks.

    1009 (RFC 6455 section 7.4.1) would bring a stock provider back with the same message for
    ever; from 4400 on it stays away.
    """

    def accept(self, request: Request) -> Response:
        """As the library's; another version is told ours (section 4.4)."""
        response = super().accept(request)
        asked = request.headers.get_all("Sec-WebSocket-Version")
        if response.status_code != HTTPStatus.BAD_REQUEST or len(asked) > 1 or asked == [VERSION]:
            return response
        response = self.reject(HTTPStatus.UPGRADE_REQUIRED, "This address speaks version 13.\n")
        response.headers["Upgrade"] = "websocket"
        response.headers["Sec-WebSocket-Version"] = VERSION
        return response

    def fail(self, code: int, reason: str = "") -> None:
        """Section 7.1.7, with the room's code for what is too large."""
        super().fail(CloseCode.TOO_LARGE if code == Rfc.MESSAGE_TOO_BIG else code, reason)


class Incoming:
    """What has come of the message under way, and how many control frames of late."""

    __slots__ = ("_control", "_decoder", "_frames")

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        self._frames = 0
        self._control: TokenBucket | None = None

    def text(self, frame: Frame) -> Fault | None:
        """The first frame of a text (section 5.6)."""
        self._frames = 0
        if frame.fin:
            self._decoder = None
            return None if _is_text(frame.data) else _NOT_TEXT
        self._decoder = _utf8()
        return self._fault_in(frame)

    def binary(self) -> None:
        """The first frame of a message that is no text."""
        self._frames = 0
        self._decoder = None

    def more(self, frame: Frame) -> Fault | None:
        """A further frame (section 5.4)."""
        self._frames += 1
        if self._frames >= limits.FRAGMENTS_MAX:
            return _TOO_MANY_FRAMES
        return self._fault_in(frame) if self._decoder is not None else None

    def control(self, now: float) -> Fault | None:
        """A ping or pong. ``now``: monotonic seconds."""
        if self._control is None:  # most sockets never send one
            self._control = TokenBucket(
                limits.CONTROL_FRAMES_PER_SECOND, limits.CONTROL_FRAMES_BURST
            )
        return None if self._control.take(now) == 0.0 else _TOO_MANY_PINGS

    def _fault_in(self, frame: Frame) -> Fault | None:
        assert self._decoder is not None
        try:
            self._decoder.decode(bytes(frame.data), final=frame.fin)
        except UnicodeDecodeError:
            return _NOT_TEXT
        return None


def _is_text(data: bytes | bytearray | memoryview) -> bool:
    if bytes(data).isascii():
        return True
    try:
        bytes(data).decode()
    except UnicodeDecodeError:
        return False
    return True
