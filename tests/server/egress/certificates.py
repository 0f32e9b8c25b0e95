"""A certificate for the loopback address, made for one test."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path


async def self_signed(folder: Path) -> tuple[Path, Path]:
    """(key, certificate) as PEM files."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    await asyncio.to_thread(
        subprocess.run,
        [
            *"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(),
            *"-days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1".split(),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return key, certificate
