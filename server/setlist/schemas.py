"""Bodies of the calls about setlists."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from rooms import limits
from rooms.commands import CommandId

_BASE64_OF_UPDATE = (limits.YJS_UPDATE_BYTES_MAX + 2) // 3 * 4


class SetlistBody(Struct, frozen=True):
    """A setlist in playing order. ``seq``: the event that it includes last."""

    show_id: str
    seq: int
    locked: bool
    entries: list[dict[str, Any]]


class DocumentBody(Struct, frozen=True):
    """The document for a Yjs client without a socket; bytes as base64."""

    show_id: str
    epoch: str
    seq: int
    update: bytes
    state_vector: bytes


class UpdateBody(Struct, frozen=True):
    """``POST …/setlist/updates``: one Yjs update (v1), base64."""

    command_id: CommandId
    update: Annotated[str, Meta(min_length=1, max_length=_BASE64_OF_UPDATE)]


class RefusedEntries(Struct, frozen=True):
    """Entries that were repaired for one reason."""

    code: str
    detail: str
    entries: tuple[str, ...]


class UpdateView(Struct, frozen=True):
    """The update is durable; ``refused`` says what of it was repaired."""

    command_id: str
    seq: int
    refused: tuple[RefusedEntries, ...]


class SuggestionView(Struct, frozen=True):
    """A song that may come next. ``probability`` is a share of one."""

    song_id: str | None
    title: str
    probability: float


class SuggestionPage(Struct, frozen=True):
    """Likeliest first."""

    suggestions: list[SuggestionView]
