"""The generated files: where they lie and what should be in them."""

from __future__ import annotations

import json
from pathlib import Path

from server.schemas import asyncapi, http_types, json_schema, log_events, reference, typescript

ROOT = Path(__file__).resolve().parents[2]
"""The repository: these files are made from a checkout, never from an installed package."""

PROTOCOL = Path("docs/protocol.md")


def expected(root: Path = ROOT) -> dict[Path, str]:
    """Content by path relative to ``root``."""
    return {
        Path("docs/schemas/room.schema.json"): _json(json_schema.document()),
        Path("docs/schemas/asyncapi.json"): _json(asyncapi.document()),
        Path("clients/shared/src/wire.ts"): typescript.render(),
        Path("clients/shared/src/http.ts"): http_types.render(),
        Path("docs/log_events.md"): log_events.document(ROOT),
        PROTOCOL: reference.fill((root / PROTOCOL).read_text(encoding="utf-8")),
    }


def drifted(root: Path = ROOT) -> list[Path]:
    """Files that do not hold what the structs say."""
    return [
        path
        for path, content in expected(root).items()
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != content
    ]


def write(root: Path = ROOT) -> list[Path]:
    """Writes what has drifted and names it."""
    contents = expected(root)
    changed = drifted(root)
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(contents[path], encoding="utf-8")
    return changed


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
