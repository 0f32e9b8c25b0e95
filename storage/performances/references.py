"""Shows as other shows' pages and songs name them."""

from __future__ import annotations

from typing import Any

from rooms.performances.views import ShowReference


def reference_columns(table: str, prefix: str) -> str:
    """SQL columns of a reference to the show in ``table``. A private show's name is left out."""
    private = f"{table}.access = 'private'"
    return f"{table}.starts_at AS {prefix}_starts_at, " + ", ".join(
        f"CASE WHEN NOT {private} THEN {table}.{column} END AS {prefix}_{column}"
        for column in ("id", "slug", "title")
    )


def reference_of(row: Any, prefix: str) -> ShowReference | None:
    """The reference in a row; ``None`` where there is no such show."""
    if row[f"{prefix}_starts_at"] is None:
        return None
    show_id = row[f"{prefix}_id"]
    return ShowReference(
        starts_at=row[f"{prefix}_starts_at"],
        show_id=str(show_id) if show_id else None,
        slug=row[f"{prefix}_slug"],
        title=row[f"{prefix}_title"],
    )
