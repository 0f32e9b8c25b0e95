"""Refusals that say what somebody else did first."""

from __future__ import annotations

from rooms.commands import Envelope
from rooms.decide.draft import Draft
from rooms.errors import Refused

_DONE = {
    "announcement_posted": "put up another announcement",
    "announcement_withdrawn": "took the announcement down",
    "round_cancelled": "cancelled this round",
    "round_closed": "closed this round",
    "round_extended": "extended this round",
    "round_opened": "opened this round",
    "round_revealed": "revealed this result",
    "round_superseded": "corrected this round",
    "round_tie_decided": "decided this tie",
    "setlist_changed": "edited the setlist",
    "setlist_sealed": "sealed the setlist",
    "show_status_changed": "moved the show on",
    "song_request_marked": "marked this request",
}


def overtaken(draft: Draft, envelope: Envelope, code: str, detail: str, subject: str) -> Refused:
    """A refusal because of what was last done to a subject; crew is told by whom.

    Args:
        detail: what is said where nobody's hand is known, and to those who are not crew.
        subject: a key of the room's acts.
    """
    act = draft.state.memory.acts.get(subject)
    who = envelope.participant
    if act is None or not who.is_crew:
        return Refused(code, detail)
    done = _DONE.get(act.what)
    if act.by is not None and done is not None:
        own = act.by.participant_id == who.participant_id
        detail = f"{'You' if own else act.by.display_name} {done}. {detail}"
    return Refused(code, detail, meanwhile=act)
