"""Refused edits are explained."""

from __future__ import annotations

from crdt.schema import RefusalCode
from rooms.sessions.refusals import REFUSAL_DETAILS


def test_every_reason_for_a_repair_is_said_in_a_sentence() -> None:
    assert set(REFUSAL_DETAILS) == set(RefusalCode)
    assert all(detail.endswith(".") for detail in REFUSAL_DETAILS.values())
