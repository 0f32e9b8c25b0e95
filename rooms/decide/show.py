"""The show's life, as its room tells it."""

from __future__ import annotations

from typing import Any

from rooms import deeds
from rooms.commands import ChangeShowStatus, Envelope
from rooms.decide import closing
from rooms.decide.draft import Draft
from rooms.decide.meanwhile import overtaken
from rooms.events import SetlistLocked, ShowStatusChanged
from rooms.outbox import ANNOUNCE_SHOW, ARCHIVE_SHOW, RESULTS
from rooms.show import TRANSITIONS, ShowStatus


def change_show_status(
    draft: Draft, envelope: Envelope, command: ChangeShowStatus
) -> dict[str, Any]:
    """One legal transition. Publishing tells those who know its artists. Closing closes open
    rounds, locks the setlist, schedules RESULTS. Archiving has the setlist turned into
    performances."""
    current = draft.state.facts.status
    if command.to not in TRANSITIONS[current]:
        detail = f"A {current} show cannot become {command.to}."
        raise overtaken(draft, envelope, "illegal_transition", detail, deeds.SHOW)
    show_id = draft.state.facts.show_id
    if current is ShowStatus.LIVE:
        for record in draft.state.open_rounds:
            closing.close(draft, envelope, record, goes_on=False)
        closing.settle_what_waits(draft, envelope)
        if not draft.state.memory.setlist_locked:
            draft.emit(SetlistLocked(participant_id=envelope.participant.participant_id), envelope)
    if command.to is ShowStatus.PUBLISHED:
        draft.deliver(ANNOUNCE_SHOW, f"{ANNOUNCE_SHOW}:{show_id}", {"show_id": show_id})
    if command.to is ShowStatus.CLOSED:
        draft.deliver(RESULTS, f"{RESULTS}:{show_id}", {"show_id": show_id})
    if command.to is ShowStatus.ARCHIVED:
        draft.deliver(ARCHIVE_SHOW, f"{ARCHIVE_SHOW}:{show_id}", {"show_id": show_id})
    draft.emit(ShowStatusChanged(status=command.to, previous=current), envelope)
    draft.set_show_status(command.to)
    draft.audit(
        envelope,
        "change_show_status",
        show_id,
        before={"status": current.value},
        after={"status": command.to.value},
    )
    return {"status": command.to.value}
