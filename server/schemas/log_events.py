"""``docs/log_events.md``: every event that the product logs, read from its source.

An event is logged as ``log.warning("constant_name", keyword=…)``; a name that is worked out cannot
be documented, and is refused here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

PACKAGES: Final = ("server", "jobs", "storage", "rooms", "crdt")
_LEVELS: Final = {
    "debug": "debug",
    "info": "info",
    "warning": "warning",
    "error": "error",
    "exception": "error",
}
_LOGGERS: Final = ("log", "_log")

_HEAD: Final = """# Log events

Every event that a process logs, by name. Written by `python -m server.schemas --write` from the
source; what to do about those that matter stands in [operations.md](operations.md#logs).

Each line also has `at`, `level`, `logger` and `node`; within an HTTP call `request_id`, within a
room's turn `show_id`, in a sampled trace `trace_id`; `held_back` says how many lines of the same
event were not written before it. `…` stands for further keywords that are put together.

| event | level | keywords | from |
|---|---|---|---|
"""


class LogEvent(Struct, frozen=True):
    """One line of the source that logs."""

    name: str
    level: str
    keywords: tuple[str, ...]
    module: str


class NamelessEvent(ValueError):
    """An event whose name is not a constant."""


def logged(root: Path) -> Iterator[LogEvent]:
    """Every place that logs.

    Raises:
        NamelessEvent: one that cannot be documented.
    """
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            module = file.relative_to(root).with_suffix("").as_posix().replace("/", ".")
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _is_logging(node.func):
                    yield _event(node, module)


def document(root: Path) -> str:
    """The page."""
    rows: dict[str, tuple[set[str], dict[str, None], set[str]]] = {}
    for event in logged(root):
        levels, keywords, modules = rows.setdefault(event.name, (set(), {}, set()))
        levels.add(event.level)
        keywords.update(dict.fromkeys(event.keywords))
        modules.add(event.module)
    return _HEAD + "".join(
        f"| `{name}` | {', '.join(sorted(levels))} | {_code(keywords)} |"
        f" {_code(sorted(modules))} |\n"
        for name, (levels, keywords, modules) in sorted(rows.items())
    )


def _is_logging(called: ast.expr) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and called.attr in _LEVELS
        and isinstance(called.value, ast.Name)
        and called.value.id in _LOGGERS
    )


def _event(node: ast.Call, module: str) -> LogEvent:
    assert isinstance(node.func, ast.Attribute)
    names = _names(node.args[0]) if node.args else ()
    if len(names) != 1:
        raise NamelessEvent(f"{module}:{node.lineno}: an event's name is one constant")
    keywords = tuple(one.arg or "…" for one in node.keywords if one.arg != "exc_info")
    return LogEvent(names[0], _LEVELS[node.func.attr], keywords, module)


def _names(argument: ast.expr) -> tuple[str, ...]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return (argument.value,)
    return ()


def _code(words: object) -> str:
    assert isinstance(words, dict | list)
    return ", ".join(word if word == "…" else f"`{word}`" for word in words)
