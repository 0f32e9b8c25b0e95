"""Asking a node over HTTP whether it can serve."""

import asyncio
import time
from urllib.parse import urlsplit

POLL_S = 0.1
ANSWER_S = 5.0


def local_url(host: str, port: int) -> str:
    """How a process on the same machine reaches a node that listens on ``host``."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    if ":" in reachable and not reachable.startswith("["):
        reachable = f"[{reachable}]"
    return f"http://{reachable}:{port}"


async def status_of(url: str, path: str) -> int | None:
    """The status code of ``GET path``, or None when there is no answer."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
            try:
                request = (
                    f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
                )
                writer.write(request.encode())
                line = await reader.readline()
            finally:
                writer.close()
        return int(line.split()[1])
    except (OSError, TimeoutError, ValueError, IndexError):
        return None


async def wait_ready(url: str, timeout_s: float) -> bool:
    """Wait until the node at ``url`` says that it can serve; False after ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if await status_of(url, "/health/ready") == 200:
            return True
        await asyncio.sleep(POLL_S)
    return False
