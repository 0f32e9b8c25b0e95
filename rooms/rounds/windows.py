"""When a round takes votes, and when its timer has something to do.

::

    opened_at ── votes ── closes_at ── SMS only ── grace ends ── margin ── closed
                              │                        (and while a node holds it)
                              └ status ``grace``, where the show takes SMS and the round too

A vote is judged by its own time of receipt, so a status that is late by a moment lets nobody in
and keeps nobody out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rooms import limits
from rooms.participants import Channel
from rooms.ports import RoundRecord
from rooms.show import ShowFacts

TAKES_VOTES = frozenset({"open", "grace"})
"""Statuses of a round that votes may still come in for."""


def grace_of(record: RoundRecord, facts: ShowFacts) -> timedelta:
    """How long after its end a round still takes votes by SMS; zero where it takes none."""
    window = record.config.window
    by_sms = "sms" in record.config.who.channels
    if record.status == "grace" or (by_sms and facts.takes_sms):
        return timedelta(seconds=window.sms_grace_s)
    return timedelta()


def last_moment(record: RoundRecord, facts: ShowFacts, channel: Channel) -> datetime | None:
    """The latest time of receipt that counts; ``None``: until it is closed by hand."""
    if record.closes_at is None or channel is not Channel.SMS:
        return record.closes_at
    return record.closes_at + grace_of(record, facts)


def due_at(record: RoundRecord, facts: ShowFacts) -> datetime | None:
    """When the round's grace begins or it is to be closed; ``None``: not by a timer."""
    if record.status not in TAKES_VOTES or record.closes_at is None:
        return None
    grace = grace_of(record, facts)
    if record.status == "open" and grace:
        return record.closes_at
    due = record.closes_at + grace + timedelta(seconds=limits.CLOSE_MARGIN_S)
    return due if record.held_until is None else max(due, record.held_until)
