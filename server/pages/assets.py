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
DISCOVER_MANIFEST: Final = "discover.json"
ACCOUNT_MANIFEST: Final = "account.json"
URL: Final = "/assets/"
PANEL_URL: Final = "/panel/assets/"
FILES_MAX: Final = 200
FILE_BYTES_MAX: Final = 4 * 1024 * 1024
"""A build is about fifteen files and 300 KB; something else entirely is not served."""

_CLIENTS = Path(__file__).resolve().parents[2] / "clients"
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


class Entry(Struct, frozen=True):
    """What a page loads at once, as names of files.

    Attributes:
        file: the script.
        css: its styles and those of what it imports.
        assets: what the styles name, such as fonts.
        imports: scripts that it imports: without a word of them a browser asks for them only
            when it has read the entry.
    """

    file: str
    css: tuple[str, ...]
    assets: tuple[str, ...]
    imports: tuple[str, ...]


class ClientBuild:
    """The files of one client's ``dist``, read when they are first asked for.

    Args:
        folder: where Vite wrote them.
        url: the path under which they are served, with a slash at the end.
        manifest: the name of Vite's manifest in it.
    """

    def __init__(self, folder: Path, url: str = URL, manifest: str = MANIFEST) -> None:
        self._folder = folder
        self._manifest_name = manifest
        self.url_path = url

    @cached_property
    def entry(self) -> Entry | None:
        """The app's script and styles; ``None`` where the client has not been built."""
        return self.entry_of(ENTRY)

    def entry_of(self, source: str) -> Entry | None:
        """The same of another page: ``source`` is its script in the client's folder."""
        if source not in self._manifest:
            return None
        waiting, seen = [source], [source]
        while waiting:
            for name in self._manifest[waiting.pop(0)].imports:
                if name not in seen and name in self._manifest:
                    seen.append(name)
                    waiting.append(name)
        chunks = [self._manifest[name] for name in seen]
        return Entry(
            file=chunks[0].file,
            css=tuple(dict.fromkeys(css for chunk in chunks for css in chunk.css)),
            assets=tuple(dict.fromkeys(one for chunk in chunks for one in chunk.assets)),
            imports=tuple(chunk.file for chunk in chunks[1:]),
        )

    @cached_property
    def _manifest(self) -> dict[str, Chunk]:
        try:
            found = msgspec.json.decode(
                (self._folder / self._manifest_name).read_bytes(), type=dict[str, Chunk]
            )
        except (OSError, msgspec.DecodeError) as error:
            log.warning("client_build_missing", folder=str(self._folder), error=str(error))
            return {}
        return found

    @cached_property
    def files(self) -> dict[str, Asset]:
        """Every file that may be served, by name. Nothing outside the folder, nothing later."""
        if not self._manifest:
            return {}
        found: dict[str, Asset] = {}
        for path in sorted(self._folder.iterdir())[: 3 * FILES_MAX]:
            served = (
                path.is_file()
                and path.name not in (MANIFEST, DISCOVER_MANIFEST, ACCOUNT_MANIFEST)
                and path.suffix not in (".br", ".gz")
            )
            if served and path.stat().st_size <= FILE_BYTES_MAX:
                found[path.name] = _read(path)
        return found

    def text_of(self, names: tuple[str, ...]) -> str:
        """Text files, one after the other."""
        return "".join(self.files[name].body.decode() for name in names if name in self.files)

    def url(self, name: str) -> str | None:
        """The address of a file by its plain name, new whenever its content is."""
        asset = self.files.get(name)
        return f"{self.url_path}{name}?v={asset.etag[:12]}" if asset else None


def default_build() -> ClientBuild:
    """The fans' client beside this checkout, or beside the installed package."""
    return ClientBuild(_CLIENTS / "fan/dist")


def discover_build() -> ClientBuild:
    """The script and styles of the pages for finding, in the fans' client's folder."""
    return ClientBuild(_CLIENTS / "fan/dist", manifest=DISCOVER_MANIFEST)


def account_build() -> ClientBuild:
    """The page of one's account, in the fans' client's folder."""
    return ClientBuild(_CLIENTS / "fan/dist", manifest=ACCOUNT_MANIFEST)


def panel_build() -> ClientBuild:
    """The control panel's client, with the displays and the design system's specimens."""
    return ClientBuild(_CLIENTS / "panel/dist", PANEL_URL)


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
