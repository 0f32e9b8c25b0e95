"""From a recorded session of text editing to edits of a setlist.

The traces are keystrokes in a text; a setlist is entries with titles. What is kept is who did what,
where and when: which lines people work on, how they jump, how two of them overlap. The mapping:

1. A line of the text is an entry of the list. A writer's line number ``n`` is the entry at place
   ``n`` of the writer's *own* list at that moment (modulo its length), as an editor on a screen
   would take it: two writers' lists differ while edits are under way, in both worlds.
2. Keystrokes of one writer in one line, not further apart than `TYPING_PAUSE_S` and within
   `TYPING_S`, are one ``title``: the line as it then stands, its first `TITLE_MAX` characters.
   (Setroom's clients write a title when its field is left, not with every key.)
3. An inserted line break is an ``add`` behind the line; a deleted one a ``remove`` of the next.
4. Moments are those of the trace, with pauses longer than `PAUSE_MAX_S` cut to that: people sleep.
   A trace without moments gets `KEY_S` for each transaction, 400 keys a minute.

A concurrent trace says for each transaction which others its writer had seen (``parents``); the
text that a line number refers to is therefore kept per writer, and merged as the parents say, by
a Yjs text per writer.

Run as a module it writes the packed form: ``python -m loadtests.scenarios.traces.mapping
friendsforever.json.gz friendsforever.edits.json.gz``.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import click
import msgspec
from msgspec import Struct
from pycrdt import Doc, Text

TYPING_PAUSE_S = 1.0
TYPING_S = 3.0
KEY_S = 0.15
TITLE_MAX = 80
PAUSE_MAX_S = 10.0
EMPTY = "–"
"""A line without text: titles are not empty."""

Kind = Literal["title", "add", "remove"]


class TraceEdit(Struct, frozen=True, array_like=True):
    """One edit: who, when (ms after the beginning), what, in which line, with which title."""

    writer: int
    at_ms: int
    kind: Kind
    line: int
    title: str


class Packed(Struct, frozen=True):
    """A trace as setlist edits.

    Attributes:
        source: where the trace is from, and its licence.
        writers: how many there are.
    """

    source: str
    writers: int
    edits: list[TraceEdit]


class _Writer:
    """One writer's text as of that writer's last transaction."""

    def __init__(self, number: int, start: str) -> None:
        # Fixed ids: which of two concurrent inserts comes first must not change from run to run.
        self.doc: Doc[Any] = Doc(client_id=number + 1)
        self.text = self.doc.get("text", type=Text)
        self.seen: dict[int, int] = {}
        self.updates: list[bytes] = []
        if start:
            self.text += start

    def catch_up(self, others: dict[int, _Writer], until: dict[int, int]) -> None:
        """Takes in what others had done by then."""
        for number, count in until.items():
            other = others[number]
            if other is self:
                continue
            for update in other.updates[self.seen.get(number, 0) : count]:
                self.doc.apply_update(update)
            self.seen[number] = max(self.seen.get(number, 0), count)


class _Typing:
    """Keystrokes in one line that have not become an edit yet."""

    def __init__(self) -> None:
        self.line: int | None = None
        self.since_ms = 0
        self.at_ms = 0
        self.title = ""

    def flush(self, writer: int) -> Iterator[TraceEdit]:
        """The edit that they are."""
        if self.line is not None:
            yield TraceEdit(writer, self.at_ms, "title", self.line, self.title or EMPTY)
        self.line = None


def convert(trace: dict[str, Any]) -> tuple[int, list[TraceEdit]]:
    """All edits of a trace in order of time, and how many writers there are.

    Raises:
        ValueError: played again, the trace does not give its ``endContent``.
    """
    writers: dict[int, _Writer] = {}
    typing: dict[int, _Typing] = {}
    edits: list[TraceEdit] = []
    versions: list[dict[int, int]] = []
    clock = _Clock(dated=len({txn.get("time") for txn in trace["txns"]}) > 1)
    for number, transaction in enumerate(trace["txns"]):
        who = int(transaction.get("agent", 0))
        if who not in writers:
            writers[who] = _Writer(who, trace.get("startContent", "") if not writers else "")
        writer = writers[who]
        seen: dict[int, int] = {}
        for parent in transaction.get("parents", [number - 1] if number else []):
            for other, count in versions[parent].items():
                seen[other] = max(seen.get(other, 0), count)
        writer.catch_up(writers, seen)
        at_ms = clock.at_ms(transaction.get("time"))
        keys = typing.setdefault(who, _Typing())
        before = writer.doc.get_state()
        with writer.doc.transaction():
            for patch in transaction["patches"]:
                edits += _patch(writer.text, patch, who, at_ms, keys)
        writer.updates.append(writer.doc.get_update(before))
        versions.append({**seen, who: len(writer.updates)})
    for who, keys in typing.items():
        edits += keys.flush(who)
    _prove(writers, str(trace["endContent"]))
    edits.sort(key=lambda edit: edit.at_ms)
    return len(writers), edits


def _patch(
    text: Text, patch: list[Any], who: int, at_ms: int, keys: _Typing
) -> Iterator[TraceEdit]:
    position, deleted, inserted = int(patch[0]), int(patch[1]), str(patch[2])
    content = str(text)
    line = content.count("\n", 0, position)
    gone = content.count("\n", position, position + deleted)
    if deleted:
        del text[position : position + deleted]
    if inserted:
        text.insert(position, inserted)
    added = inserted.count("\n")
    if keys.line is not None and (
        keys.line != line
        or at_ms - keys.at_ms > TYPING_PAUSE_S * 1000
        or at_ms - keys.since_ms > TYPING_S * 1000
        or gone
        or added
    ):
        yield from keys.flush(who)
    if keys.line is None:
        keys.since_ms = at_ms
    lines = str(text).split("\n")
    for _ in range(gone):
        yield TraceEdit(who, at_ms, "remove", line + 1, "")
    for step in range(1, added + 1):
        title = lines[line + step][:TITLE_MAX].strip()
        yield TraceEdit(who, at_ms, "add", line + step - 1, title or EMPTY)
    keys.line, keys.at_ms, keys.title = line, at_ms, lines[line][:TITLE_MAX].strip()


class _Clock:
    """Moments of a trace, long pauses cut."""

    def __init__(self, *, dated: bool) -> None:
        self._dated = dated
        self._before: float | None = None
        self._at_ms = 0.0

    def at_ms(self, time: str | None) -> int:
        """Milliseconds after the beginning; never less than before."""
        if not self._dated:
            self._at_ms += 1000 * KEY_S
            return int(self._at_ms)
        now = datetime.fromisoformat(time).timestamp() if time else (self._before or 0.0)
        if self._before is not None:
            self._at_ms += 1000 * min(PAUSE_MAX_S, max(0.0, now - self._before))
        self._before = now
        return int(self._at_ms)


def _prove(writers: dict[int, _Writer], end: str) -> None:
    whole = {number: len(writer.updates) for number, writer in writers.items()}
    for writer in writers.values():
        writer.catch_up(writers, whole)
        if str(writer.text) != end:
            raise ValueError("played again, the trace does not end as it says")


def pack(source: Path, credit: str) -> bytes:
    """The packed form of a trace file (gzipped JSON)."""
    writers, edits = convert(msgspec.json.decode(gzip.decompress(source.read_bytes())))
    return gzip.compress(msgspec.json.encode(Packed(credit, writers, edits)), 9, mtime=0)


def unpack(data: bytes) -> Packed:
    """Reads the packed form."""
    return msgspec.json.decode(gzip.decompress(data), type=Packed)


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--credit", required=True, help="Where the trace is from, and its licence.")
def main(source: Path, target: Path, credit: str) -> None:
    """Write the setlist edits of a recorded editing session."""
    target.write_bytes(pack(source, credit))
    packed = unpack(target.read_bytes())
    click.echo(f"{len(packed.edits)} edits of {packed.writers} writers")


if __name__ == "__main__":
    main()
