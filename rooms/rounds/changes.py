"""What events make of a room's rounds."""

from __future__ import annotations

import msgspec

from rooms import events as ev
from rooms.ports import RoundRecord

RoundEvent = (
    ev.RoundOpened
    | ev.RoundExtended
    | ev.RoundGraceStarted
    | ev.RoundClosed
    | ev.RoundRevealed
    | ev.RoundTieDecided
    | ev.RoundSuperseded
    | ev.RoundCancelled
)
"""Events about one round."""


def changed(known: RoundRecord | None, data: RoundEvent) -> RoundRecord | None:
    """A round after an event; ``None``: the event is about a round that is not known here.

    The row of a round is read or published along with its events and is the whole truth (its
    seed is in no event).
    """
    if isinstance(data, ev.RoundOpened):
        return _opened(known, data)
    if known is None:
        return None
    replace = msgspec.structs.replace
    match data:
        case ev.RoundExtended():
            return replace(known, status="open", closes_at=data.closes_at)
        case ev.RoundGraceStarted():
            return replace(known, status="grace")
        case ev.RoundClosed():
            return replace(known, status="closed", closed_at=data.closed_at, result=data.result)
        case ev.RoundRevealed():
            return replace(known, status="revealed", result=data.result or known.result)
        case ev.RoundTieDecided():
            return replace(known, result=data.result or known.result)
        case ev.RoundSuperseded():
            return replace(known, status="superseded", superseded_by=data.by_round_id)
        case ev.RoundCancelled():
            return replace(known, status="cancelled")


def _opened(known: RoundRecord | None, data: ev.RoundOpened) -> RoundRecord:
    return RoundRecord(
        round_id=data.round_id,
        config=data.config,
        config_hash=data.config_hash,
        status="open",
        position=known.position if known else 0,
        opened_at=data.opened_at,
        closes_at=data.closes_at,
        runoff_of=data.runoff_of,
        stage_of=data.stage_of,
        stage=data.stage,
        supersedes=data.supersedes,
    )
