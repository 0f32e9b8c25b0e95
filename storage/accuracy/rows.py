"""Rows as the structs of `rooms.accuracy`."""

from __future__ import annotations

from typing import Any

from rooms.accuracy.settlement import Authority, Settlement
from rooms.accuracy.weights import UNKNOWN, Reputation


def reputation_of(row: Any) -> Reputation:
    """Columns of ``reputations``, all null for somebody of whom nothing is settled."""
    if row["as_of"] is None:
        return UNKNOWN
    return Reputation(row["agreements"], row["disagreements"], row["as_of"])


def settlement_of(row: Any) -> Settlement:
    """Columns of ``settlements``."""
    return Settlement(
        account_id=str(row["account_id"]),
        entry_id=row["entry_id"],
        agreed=row["agreed"],
        settled_at=row["settled_at"],
        authority=Authority(row["source"]),
        value=row["value"],
        rated_at=row["rated_at"],
        title=row["title"],
    )
