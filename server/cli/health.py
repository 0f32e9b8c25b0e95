"""``python -m server.cli.health``: whether the node in this container can serve.

Exit code 0 or 1, as a container's health check wants it. It reads only the port, so that it
starts quickly and says nothing.
"""

import asyncio
import os
import sys

from server.cli.probe import local_url, status_of


def main() -> None:
    """Ask the node; end the process with the answer."""
    url = local_url("127.0.0.1", int(os.environ.get("SETROOM_PORT", "8000")))
    sys.exit(0 if asyncio.run(status_of(url, "/health/ready")) == 200 else 1)


if __name__ == "__main__":
    main()
