"""The jury: participants whom crew names; their votes are counted as a class of their own."""

from __future__ import annotations

from typing import Any

from rooms.commands import Envelope, SetJury
from rooms.decide.draft import Draft
from rooms.errors import unknown
from rooms.events import JurySet


def set_jury(draft: Draft, envelope: Envelope, command: SetJury) -> dict[str, Any]:
    """Names the whole jury. Ballots keep the class that they were cast with."""
    named = tuple(dict.fromkeys(command.participant_ids))
    if any(participant_id not in draft.roles for participant_id in named):
        raise unknown("participant")
    before = sorted(draft.state.memory.jury)
    draft.emit(
        JurySet(jurors=len(named)),
        envelope,
        crew_data=JurySet(jurors=len(named), participant_ids=named),
    )
    draft.audit(
        envelope,
        "set_jury",
        draft.state.facts.show_id,
        before={"participant_ids": before},
        after={"participant_ids": list(named)},
    )
    return {"jurors": len(named)}
