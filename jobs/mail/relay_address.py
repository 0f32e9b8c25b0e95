"""Where mails are handed in."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class RelayAddress(Struct, frozen=True):
    """A mail server that takes our mails (a submission server, RFC 6409).

    Attributes:
        tls: ``implicit`` from the first byte (RFC 8314); ``required``: STARTTLS (RFC 3207), or
            nothing is sent; ``auto``: STARTTLS where it is offered; ``no``.
        ca_file: certificates to trust instead of the system's.
    """

    host: str
    port: int
    tls: Literal["implicit", "required", "auto", "no"]
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None

    def __repr__(self) -> str:
        """Without the password: representations end up in logs."""
        return f"RelayAddress({self.host}:{self.port}, {self.tls})"
