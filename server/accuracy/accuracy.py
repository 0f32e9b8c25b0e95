"""What HTTP callers ask of accuracy."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from rooms.accuracy import rule
from rooms.accuracy.ports import HistoryPlace, Reputations, SettledRating, Verdicts
from rooms.accuracy.settlement import Authority, EntryVerdict
from rooms.accuracy.views import confidences
from rooms.accuracy.weights import decay, weigh
from rooms.errors import Refused
from rooms.participants import Role
from rooms.ports import Clock
from rooms.show import ShowStatus
from server.accuracy.schemas import (
    ConfidenceBody,
    ReputationBody,
    RuleBody,
    SettledRatingView,
    VerdictBody,
    VerdictView,
)
from server.cursors import Moment, no_cursor, read_cursor, write_cursor
from server.problems import not_allowed, not_found
from server.room_calls import RoomCalls
from server.security.identity import Identity
from server.shows.attendance import Attendance, role_in

HISTORY_PAGE_MAX: Final = 100

_SETTLE = frozenset({Role.ARTIST, Role.MODERATOR, Role.CURATOR, Role.ADMIN})
_PLAYED = frozenset({ShowStatus.LIVE, ShowStatus.CLOSED, ShowStatus.ARCHIVED})


def rule_body() -> RuleBody:
    """The rule as it is published: everything that is a number in `rooms.accuracy.rule`."""
    numbers = {
        name.lower(): float(value)
        for name, value in vars(rule).items()
        if name.isupper() and isinstance(value, int | float) and name != "RULE_VERSION"
    }
    return RuleBody(version=rule.RULE_VERSION, formula=list(rule.FORMULA), constants=numbers)


class Accuracy:
    """Reputations, confidence and verdicts."""

    def __init__(
        self,
        calls: RoomCalls,
        attendance: Attendance,
        reputations: Reputations,
        verdicts: Verdicts,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._attendance = attendance
        self._reputations = reputations
        self._verdicts = verdicts
        self._clock = clock

    async def reputation(self, account_id: str, cursor: str | None, limit: int) -> ReputationBody:
        """An account's own reputation.

        Raises:
            ApiError: ``validation_failed``: the cursor is none of ours.
        """
        place = _read_cursor(cursor) if cursor else None
        now = self._clock.now()
        found = (await self._reputations.of(account_id)).at(now)
        steps = weigh(found.agreements, found.disagreements)
        history = await self._reputations.history(account_id, place, limit + 1)
        page = history[:limit]
        return ReputationBody(
            agreements=round(found.agreements, 4),
            disagreements=round(found.disagreements, 4),
            n=round(steps.n, 4),
            p=round(steps.p, 4),
            k=round(steps.k, 4),
            weight=round(steps.w, 4),
            rule_version=rule.RULE_VERSION,
            items=[_settled_view(one, now) for one in page],
            next_cursor=_cursor_of(page[-1]) if len(history) > limit else None,
        )

    async def confidence(self, show_id: str, viewer: Identity | None) -> ConfidenceBody:
        """How sure the entries of a show's list are. What an archive brought was never rated.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``.
        """
        standing = await self._attendance.read(show_id, viewer)
        if standing.status is ShowStatus.ARCHIVED and standing.owner_id is None:
            return ConfidenceBody(show_id=show_id, seq=0, sealed=False, entries=[])
        async with self._calls.look(show_id, viewer) as call:
            replica = call.room.replica
            return ConfidenceBody(
                show_id=show_id,
                seq=replica.head.seq,
                sealed=replica.state.memory.sealed is not None,
                entries=confidences(replica.state, replica.document),
            )

    async def settle(self, show_id: str, identity: Identity, body: VerdictBody) -> VerdictView:
        """Keeps what a source says of an entry, also of one that was taken off the list.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``, ``unknown_entry``.
            Refused: ``show_not_live``, ``command_id_reused``.
        """
        standing = await self._attendance.standing(show_id, identity)
        if role_in(standing, identity) not in _SETTLE:
            raise not_allowed("This is for curators and the show's crew.")
        if standing.status not in _PLAYED:
            raise Refused("show_not_live", "What was played can be said once the show is on.")
        song = await self._verdicts.song_in(show_id, body.entry_id)
        if song is None:
            raise not_found("entry")
        source = body.source.strip()
        verdict = EntryVerdict(
            entry_id=body.entry_id,
            song=song,
            played=body.verdict == "played",
            authority=Authority.SOURCE,
            at=self._clock.now(),
            account_id=identity.account_id,
        )
        if not await self._verdicts.put(show_id, verdict, source, body.command_id):
            raise Refused("command_id_reused", "This command_id was used for something else.")
        return VerdictView(
            entry_id=body.entry_id, title=song.title, verdict=body.verdict, source=source
        )


def _settled_view(one: SettledRating, now: datetime) -> SettledRatingView:
    settled = one.settlement
    return SettledRatingView(
        show_id=one.show_id,
        show_title=one.show_title,
        entry_id=settled.entry_id,
        title=settled.title,
        value=settled.value,
        agreed=settled.agreed,
        source=settled.authority.value,
        rated_at=settled.rated_at,
        settled_at=settled.settled_at,
        counts=round(decay(settled.settled_at, now), 4),
    )


def _cursor_of(last: SettledRating) -> str:
    place = (last.settlement.settled_at, last.show_id, last.settlement.entry_id)
    return write_cursor(place)


def _read_cursor(text: str) -> HistoryPlace:
    settled_at, show_id, entry_id = read_cursor(text, tuple[Moment, UUID, str])
    if "\0" in entry_id:
        raise no_cursor()
    return settled_at, str(show_id), entry_id
