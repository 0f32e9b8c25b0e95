"""What came of a show, from its room's log (`rooms.mail.ports.Nights`)."""

from __future__ import annotations

import asyncio
from itertools import groupby

from jobs.performances.archiving import final_setlist
from rooms.events import RoundResult as Counted
from rooms.mail.facts import Night, RoundResult, Section, ShowFacts
from rooms.ports import RoomLog, RoomRecord
from rooms.replica import Replica
from rooms.states import RoundView
from rooms.views import in_order, round_view


class LoggedNights:
    """Reads nights, each afresh: they are asked for once or twice, and by few."""

    def __init__(self, room_log: RoomLog) -> None:
        self._room_log = room_log

    async def night(self, show: ShowFacts) -> Night:
        """Results that everybody may see, and the setlist without what was struck."""
        record = await self._room_log.load(show.show_id)
        if record is None:
            return Night(show)
        # Reading hundreds of updates holds the interpreter: not in the event loop's thread.
        return await asyncio.to_thread(_night, show, record)


def _night(show: ShowFacts, record: RoomRecord) -> Night:
    records = in_order(Replica(record).state.rounds.values())
    views = [round_view(one, {}, crew=False, voted=True) for one in records]
    rounds = tuple(
        _result(view, view.result)
        for view in views
        if view is not None and view.result is not None and view.superseded_by is None
    )
    return Night(show, rounds, _sections(record))


def _result(view: RoundView, counted: Counted) -> RoundResult:
    labels = {option.id: option.label for option in view.config.options}
    options = sorted(
        (
            (
                labels.get(option_id) or counted.labels.get(option_id, option_id),
                max(votes, 0),
                option_id in counted.winners,
            )
            for option_id, votes in counted.options.items()
        ),
        key=lambda option: (-option[2], -option[1], option[0]),
    )
    return RoundResult(view.config.title, counted.votes, tuple(options))


def _sections(record: RoomRecord) -> tuple[Section, ...]:
    final = final_setlist(record)
    played = [one for one in final.entries if one.title and one.id not in final.struck]
    return tuple(
        Section(section, tuple(entry.title for entry in entries))
        for section, entries in groupby(played, key=lambda entry: str(entry.section))
        if section != "soundcheck"
    )
