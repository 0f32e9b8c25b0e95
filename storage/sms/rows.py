"""Rows of phones as records."""

from __future__ import annotations

from typing import Any

from rooms.participants import Participant, Role
from rooms.show import ShowStatus
from rooms.sms.records import Attending, PhoneState

WHO = """
    w.id AS participant_id, w.account_id AS participant_account, w.role, w.display_name,
    w.admitted, w.removed_at, w.device_id, accounts.kind, accounts.show_presence"""
"""Columns of `participant_of`; needs ``WHO_FROM``."""

WHO_FROM = """
  LEFT JOIN LATERAL (
        SELECT z.* FROM attendees a LEFT JOIN attendees b ON b.id = a.merged_into
          JOIN attendees z ON z.id = coalesce(b.merged_into, a.merged_into, a.id)
         WHERE a.id = here.attendee_id OFFSET 0) AS w ON true
  LEFT JOIN accounts ON accounts.id = w.account_id"""
"""Who an attendee is by now: its phone was linked with an app, whose guest may have signed in."""


def participant_of(row: Any) -> Participant:
    """The participant of a row with `WHO`."""
    return Participant(
        participant_id=str(row["participant_id"]),
        account_id=str(row["participant_account"]),
        role=Role(row["role"]),
        display_name=row["display_name"],
        guest=row["kind"] == "guest",
        admitted=row["admitted"],
        device_id=str(row["device_id"]) if row["device_id"] else None,
        shows_presence=row["show_presence"],
    )


def attending_of(row: Any) -> Attending | None:
    """Where a phone stands; ``None``: at no show."""
    if row["attendee_id"] is None:
        return None
    return Attending(
        show_id=str(row["show_id"]),
        title=row["title"],
        status=ShowStatus(row["status"]),
        state=PhoneState(row["state"]),
        attendee_id=str(row["attendee_id"]),
        participant=participant_of(row),
        removed=row["removed_at"] is not None,
    )
