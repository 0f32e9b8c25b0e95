"""What came of a show, from its room's log (`rooms.mail.ports.Nights`)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from itertools import groupby

from jobs.performances.archiving import final_setlist
from rooms import limits
from rooms.events import RoundResult as Counted
from rooms.mail.facts import Night, RoundResult, Section, ShowFacts
from rooms.ports import RoomLog, RoomRecord
from rooms.replica import Replica
from rooms.states import RoundView
from rooms.views import in_order, round_view

Told = tuple[tuple[RoundResult, ...], tuple[Section, ...]]


class LoggedNights:
    """Reads nights. Everybody who was there is written to within minutes, so what was read is kept
    for a moment, and those who ask at once wait for one reading.

    Args:
        monotonic: seconds, for durations.
    """

    def __init__(self, room_log: RoomLog, monotonic: Callable[[], float]) -> None:
        self._room_log = room_log
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[float, asyncio.Task[Told]]] = OrderedDict()

    async def night(self, show: ShowFacts) -> Night:
        """Results that everybody may see, and the setlist without what was struck."""
        # Whoever gives up waiting leaves the others their reading.
        rounds, sections = await asyncio.shield(self._reading(show.show_id))
        return Night(show, rounds, sections)

    def _reading(self, show_id: str) -> asyncio.Task[Told]:
        now = self._monotonic()
        read_at, reading = self._kept.get(show_id, (0.0, None))
        if reading is None or now - read_at >= limits.MAIL_NIGHT_KEPT_S or _broke(reading):
            reading = asyncio.create_task(self._read(show_id))
            self._kept[show_id] = (now, reading)
            self._kept.move_to_end(show_id)
            if len(self._kept) > limits.MAIL_NIGHTS_KEPT_MAX:
                self._kept.popitem(last=False)
        return reading

    async def _read(self, show_id: str) -> Told:
        record = await self._room_log.load(show_id)
        if record is None:
            return (), ()
        # Reading hundreds of updates holds the interpreter: not in the event loop's thread.
        return await asyncio.to_thread(_told, record)


def _broke(reading: asyncio.Task[Told]) -> bool:
    return reading.done() and (reading.cancelled() or reading.exception() is not None)


def _told(record: RoomRecord) -> Told:
    records = in_order(Replica(record).state.rounds.values())
    views = [round_view(one, {}, crew=False, voted=True) for one in records]
    rounds = tuple(
        _result(view, view.result)
        for view in views
        if view is not None and view.result is not None and view.superseded_by is None
    )
    return rounds, _sections(record)


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
