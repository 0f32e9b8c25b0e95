"""When bytes reached this machine, as its kernel noted it.

A busy event loop reads late. Where that matters (a vote in the last moment of a round) the kernel
knows better: ``tcpi_last_data_recv`` of ``TCP_INFO`` is the age of the newest data of a connection
(linux/tcp.h; milliseconds, as coarse as the kernel's tick). What arrived before the newest data
is older than that, so the answer is never too early.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys

LAST_DATA_RECEIVED = struct.Struct("<I" if sys.byteorder == "little" else ">I")
OFFSET = 52
"""Of ``tcpi_last_data_recv`` in ``struct tcp_info``: eight bytes and eleven words before it."""

SIZE = 56


def waited_s(transport: asyncio.BaseTransport) -> float:
    """Seconds since the newest bytes of a connection reached this machine.

    0.0 where the system does not tell: not Linux, not TCP, or a connection that is gone.
    """
    known = transport.get_extra_info("socket")
    if known is None or not sys.platform.startswith("linux"):
        return 0.0
    try:
        # uvloop's own socket object has no options; this one borrows its descriptor.
        borrowed = socket.socket(known.family, socket.SOCK_STREAM, 0, fileno=known.fileno())
    except (OSError, ValueError):
        return 0.0
    try:
        info = borrowed.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, SIZE)
    except OSError:
        return 0.0
    finally:
        borrowed.detach()
    if len(info) < SIZE:
        return 0.0
    (milliseconds,) = LAST_DATA_RECEIVED.unpack_from(info, OFFSET)
    return float(milliseconds) / 1000
