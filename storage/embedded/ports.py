"""Free loopback ports for servers that bind them a moment later.

A port of the kernel's ephemeral range (``ip_local_port_range``, ip(7)) is a bad choice: an outgoing
connection of anybody's may have taken it before the server binds it, and again while the server is
down between two lives. Whoever polls a port of that range that nobody listens on yet can even be
given it for the own end: connected to itself (RFC 9293, 3.5: simultaneous open) it hears its own
words, and keeps the port from its server. So a port is chosen outside of that range, where only a
server that names it gets it.
"""

import random
import socket
from pathlib import Path

EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
FIRST_PORT = 10240
"""Below are the ports that people give to their own services."""

LAST_PORT = 65535
ATTEMPTS_MAX = 64
"""Ports that are tried one after the other; when all are taken, the kernel chooses one."""


def free_port() -> int:
    """A loopback TCP port that nobody uses at this moment and that no outgoing connection is given.

    Where the kernel does not say which ports it gives to outgoing connections (not Linux), or when
    it keeps none for others, it is any free port. Whoever binds it must expect to come too late:
    another process may have chosen the same one.
    """
    candidates = _candidates()
    if candidates:
        # Of the system's own randomness: processes that start together must not choose alike.
        chance = random.SystemRandom()
        for _ in range(ATTEMPTS_MAX):
            port = chance.choice(candidates)
            if _is_free(port):
                return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        given: int = probe.getsockname()[1]
        return given


def _candidates() -> list[int]:
    """The ports that the kernel gives to nobody by itself."""
    try:
        first, last = (int(part) for part in EPHEMERAL_RANGE.read_text().split())
    except (OSError, ValueError):
        return []
    return [*range(FIRST_PORT, min(first, LAST_PORT + 1)), *range(max(last, 0) + 1, LAST_PORT + 1)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
