"""The measure of things: one process that sends one frame to many sockets, and nothing else.

Run as a child: prints its port, takes as many connections as it is told to, then for each line
``go COUNT`` sends ``COUNT`` frames, each to every socket by one ``socket.send``.
"""

from __future__ import annotations

import socket
import sys


def serve(connections: int, frame: bytes) -> None:
    """Takes the connections, then obeys lines on standard input until it ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        say(f"port {listener.getsockname()[1]}")
        sockets = [listener.accept()[0] for _ in range(connections)]
    for one in sockets:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    say("ready")
    for line in sys.stdin:
        for _ in range(int(line.split()[1])):
            for one in sockets:
                one.send(frame)


def say(line: str) -> None:
    """One line to whoever started this."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(int(sys.argv[1]), bytes.fromhex(sys.argv[2]))
