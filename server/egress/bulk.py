"""The same bytes to many sockets: one system call each, and next to nothing besides.

A transport's ``write`` costs about a microsecond more than the system call in it (its buffer, its
flow control), a fifth of a small frame's whole price. Where a transport has nothing queued that is
not needed: its descriptor is written to directly, and only what the system did not take goes to
the transport, which then waits for the peer as it always does.

That is safe for as long as (see `server.egress.outlet.Outlet`)

- the transport has nothing queued: it says so by ``pause_writing`` and ``resume_writing``, whose
  marks are set to zero, whoever wrote;
- the descriptor is the connection's: it is given up before the transport closes it;
- there is no TLS.
"""

from __future__ import annotations

import os
from collections.abc import Sequence


def write_to_all(descriptors: Sequence[int], data: bytes) -> Sequence[tuple[int, int]]:
    """Writes to non-blocking sockets.

    Args:
        descriptors: of the sockets; negative: none.
        data: for each of them.

    Returns:
        (place, bytes taken) of those that did not take all: because they are none, because the
        peer is behind, or because the socket is broken, which its transport will find out as well.
    """
    write, size = os.write, len(data)
    left: list[tuple[int, int]] = []
    place = 0
    numbered = enumerate(descriptors)
    while True:
        try:
            for place, descriptor in numbered:
                if descriptor < 0:
                    left.append((place, 0))
                elif (taken := write(descriptor, data)) != size:
                    left.append((place, taken))
            return left
        except OSError:
            left.append((place, 0))
