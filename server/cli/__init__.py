"""The ``setroom`` command."""

from server.cli.entry import main

__all__ = ["main"]
