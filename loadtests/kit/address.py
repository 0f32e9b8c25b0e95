"""Where the server under load is."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from msgspec import Struct


class BadAddress(ValueError):
    """No ``http(s)://host[:port]``."""


class Address(Struct, frozen=True):
    """One server or load balancer.

    Attributes:
        url: ``http(s)://host[:port]`` without a path.
        verify: whether a certificate has to be good.
    """

    url: str
    verify: bool = True

    @classmethod
    def parse(cls, url: str, verify: bool = True) -> Address:
        """Reads what somebody typed.

        Raises:
            BadAddress: it is no address of a server.
        """
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            port = parts.port
        except ValueError as error:
            raise BadAddress(str(error)) from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadAddress(f"{url!r} is no http:// or https:// address")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(f"{parts.scheme}://{host}" + (f":{port}" if port else ""), verify)

    @property
    def is_tls(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.url.startswith("https")

    @property
    def host(self) -> str:
        """The name or number to connect to."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port to connect to."""
        return urlsplit(self.url).port or (443 if self.is_tls else 80)

    @property
    def authority(self) -> str:
        """The ``Host`` header."""
        return urlsplit(self.url).netloc

    def context(self) -> ssl.SSLContext | None:
        """How TLS is spoken; ``None`` without it."""
        if not self.is_tls:
            return None
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context
