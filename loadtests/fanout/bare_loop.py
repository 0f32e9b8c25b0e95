"""The measure of things: a process that sends one frame to many sockets, and nothing else.

It is ``bare_loop.c``, compiled when it is needed. Where there is no C compiler this module itself
is run instead, which does the same by Python's ``socket.send``, a tenth to a fifth slower; `kind`
says which one it was.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


@cache
def compiled() -> Path | None:
    """The C loop as a program in a temporary folder; ``None``: there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    program = Path(tempfile.mkdtemp(prefix="setroom-bare-")) / "bare_loop"
    subprocess.run([compiler, "-O2", "-o", str(program), str(SOURCE)], check=True)
    return program


def command(connections: int, frame: bytes) -> list[str]:
    """How to start it."""
    program = compiled()
    start = [str(program)] if program else [sys.executable, "-m", __name__]
    return [*start, str(connections), frame.hex()]


def kind() -> str:
    """What the loop is made of."""
    return "C" if compiled() else "Python (no C compiler here)"


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
