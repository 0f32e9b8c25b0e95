"""The built client: files with hashes in their names, kept in memory, compressed once.

Vite's manifest says which files belong to the entry. Names with a hash may be cached for ever;
the few without (the icon) carry theirs in the query.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct, field

ENTRY: Final = "src/main.ts"
MANIFEST: Final = "manifest.json"
URL: Final = "/assets/"
FILES_MAX: Final = 200
FILE_BYTES_MAX: Final = 4 * 1024 * 1024
"""A build is about fifteen files and 300 KB; something else entirely is not served."""

_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.\w+$")
_COMPRESSED_TYPES = ("text/", "application/json", "image/svg")

log = structlog.get_logger(__name__)


class Chunk(Struct, frozen=True):
    """One chunk of Vite's manifest; other fields are of no use here."""

    file: str
    css: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


class Asset(Struct, frozen=True):
    """A file as it is served. ``encodings``: content encoding → bytes, best first."""

    media_type: str
    body: bytes
    etag: str
    immutable: bool
    encodings: dict[str, bytes] = field(default_factory=dict)


class ClientBuild:
    """The files of ``clients/fan/dist``, read when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def entry(self) -> Chunk | None:
        """The app's script and styles; ``None`` where the client has not been built."""
        return self._manifest.get(ENTRY)

    @cached_property
    def preloads(self) -> tuple[str, ...]:
        """Scripts that the entry imports: without a word of them a browser asks for them only
        when it has read the entry."""
        entry = self._manifest.get(ENTRY)
        waiting = list(entry.imports) if entry else []
        seen: list[str] = []
        while waiting:
            name = waiting.pop(0)
            if name in seen or name not in self._manifest or name == ENTRY:
                continue
            seen.append(name)
            waiting += self._manifest[name].imports
        return tuple(self._manifest[name].file for name in seen)

    @cached_property
    def _manifest(self) -> dict[str, Chunk]:
        try:
            found = msgspec.json.decode(
                (self._folder / MANIFEST).read_bytes(), type=dict[str, Chunk]
            )
        except (OSError, msgspec.DecodeError) as error:
            log.warning("client_build_missing", folder=str(self._folder), error=str(error))
            return {}
        if ENTRY not in found:
            log.warning("client_build_missing", folder=str(self._folder), error="no entry")
        return found

    @cached_property
    def files(self) -> dict[str, Asset]:
        """Every file that may be served, by name. Nothing outside the folder, nothing later."""
        if self.entry is None:
            return {}
        found: dict[str, Asset] = {}
        for path in sorted(self._folder.iterdir())[: 3 * FILES_MAX]:
            served = path.is_file() and path.name != MANIFEST and path.suffix not in (".br", ".gz")
            if served and path.stat().st_size <= FILE_BYTES_MAX:
                found[path.name] = _read(path)
        return found

    def url(self, name: str) -> str | None:
        """The address of a file by its plain name, new whenever its content is."""
        asset = self.files.get(name)
        return f"{URL}{name}?v={asset.etag[:12]}" if asset else None


def default_build() -> ClientBuild:
    """The build beside this checkout, or beside the installed package."""
    root = Path(__file__).resolve().parents[2]
    return ClientBuild(root / "clients/fan/dist")


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".woff2":
        media_type = "font/woff2"
    encodings: dict[str, bytes] = {}
    if media_type.startswith(_COMPRESSED_TYPES):
        brotli = path.with_name(path.name + ".br")
        if brotli.exists():
            encodings["br"] = brotli.read_bytes()
        encodings["gzip"] = gzip.compress(body, 9, mtime=0)
    return Asset(
        media_type=media_type,
        body=body,
        etag=hashlib.sha256(body).hexdigest()[:32],
        immutable=_HASHED.search(path.name) is not None,
        encodings=encodings,
    )
