"""A connection as a phone at the edge of its network has one."""

from __future__ import annotations

import asyncio
import socket

SEGMENT_BYTES = 1_400
"""Of a mobile network. On loopback a segment has 64 KB, and the server's kernel keeps forty of them
(2.7 MB) for whoever reads nothing; of these it keeps 45 to 140 KB."""

BUFFER_BYTES = 4 * 1024
"""Of the receiver's system: what it does not read has to stay at the server."""


async def connect(host: str, port: int) -> socket.socket:
    """A connected socket. Both sizes only count when they are set beforehand.

    Raises:
        OSError: nobody answers.
    """
    loop = asyncio.get_running_loop()
    (family, kind, protocol, _, address), *_ = await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    )
    line = socket.socket(family, kind, protocol)
    try:
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        await loop.sock_connect(line, address)
    except BaseException:
        line.close()
        raise
    return line
