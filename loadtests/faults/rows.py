"""What became of each fault, as rows: of a file that a later run goes on from, and of a table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from loadtests.faults.judging import Findings

HEADINGS = ("fault", "what clients see", "well again after", "lost", "doubled")
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
"""Between them stands the table of ``docs/faults.md``."""

SAID_MAX = 2_000
"""Characters of a reason."""


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fault.

    Attributes:
        outcome: ``kept``: every promise; ``broken``: at least one was not; ``failed``: it could not
            be played to its end, and so nothing is known.
        why: of what was not kept.
        load: processes that wanted to run, on average, while it lasted (one minute).
    """

    name: str
    what: str
    outcome: Literal["kept", "broken", "failed"]
    why: tuple[str, ...] = ()
    told: str = ""
    closes: dict[str, int] = {}
    rejects: dict[str, int] = {}
    final: dict[str, int] = {}
    http: dict[str, int] = {}
    ready: dict[str, int] = {}
    slowest_ack_s: float = 0.0
    lasted_s: float = 0.0
    recovery_s: float = 0.0
    promised: int = 0
    lost: int = 0
    doubled: int = 0
    load: float = 0.0


class Record(msgspec.Struct, omit_defaults=True):
    """A run, or what there is of it."""

    seed: int
    version: str
    """Of the program: rows of different ones make no table."""
    rows: list[Row] = []


def judged(name: str, what: str, found: Findings) -> Row:
    """A fault that was played to its end."""
    seen = found.sightings
    return Row(
        name=name,
        what=what,
        outcome="broken" if found.broken else "kept",
        why=tuple(problem[:SAID_MAX] for problem in found.broken[:20]),
        told=seen.told(),
        closes={str(code): count for code, count in seen.closes.items()},
        rejects=dict(seen.rejects),
        final=dict(seen.final),
        http=dict(seen.http),
        ready=dict(seen.ready),
        slowest_ack_s=round(seen.waited_s, 3),
        lasted_s=round(found.lasted_s, 3),
        recovery_s=round(found.recovery_s, 3),
        promised=found.promised,
        lost=len(found.lost),
        doubled=len(found.doubled),
        load=round(os.getloadavg()[0], 1),
    )


def failed(name: str, what: str, error: BaseException) -> Row:
    """A fault that was not."""
    why = tuple(f"{type(one).__name__}: {one}"[-SAID_MAX:] for one in _leaves(error))
    return Row(name, what, "failed", why, load=round(os.getloadavg()[0], 1))


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for one in error.exceptions for leaf in _leaves(one)]
    return [error]


def read(file: Path) -> Record:
    """A record as it was kept.

    Raises:
        OSError, msgspec.DecodeError: it is not there, or not one.
    """
    return msgspec.json.decode(file.read_bytes(), type=Record)


def keep(record: Record, file: Path) -> None:
    """Writes a record, all of it or none."""
    fresh = file.with_name(file.name + ".new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(record)))
    fresh.replace(file)


def as_markdown(rows: Sequence[Row]) -> str:
    """The table of ``docs/faults.md``."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|---|---|---|---|---|"]
    for row in rows:
        if row.outcome == "failed":
            lines.append(f"| {row.what} | not played: {_in_a_cell(row.why)} | – | – | – |")
            continue
        broken = "" if row.outcome == "kept" else f"; **broken**: {_in_a_cell(row.why)}"
        lines.append(
            f"| {row.what} | {row.told}{broken} | {row.recovery_s:.1f} s "
            f"| {row.lost} of {row.promised} | {row.doubled} |"
        )
    return "\n".join(lines)


def _in_a_cell(why: Sequence[str]) -> str:
    first = why[0].splitlines()[0] if why and why[0] else "no reason was given"
    return first[:200].replace("|", "/")


def in_document(document: str, rows: Sequence[Row]) -> str:
    """``docs/faults.md`` with the table of these rows.

    Raises:
        ValueError: it has no place for one.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{as_markdown(rows)}\n{END}{after}"
