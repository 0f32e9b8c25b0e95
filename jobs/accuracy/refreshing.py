"""Brings the ratings of rooms that are on up to the weights and clusters of now.

A rating bears the weight that its author had when it was given. People check in later, other
shows settle what they said, and who moves together is seen only after a while. The room is told
as by any other turn, so every node and every client hears of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog

from rooms.accuracy.clusters import find_clusters
from rooms.accuracy.confidence import voter_class
from rooms.accuracy.ports import KnownRater, RatedRoom, RaterClusters
from rooms.accuracy.rule import RULE_VERSION
from rooms.accuracy.weights import rating_weight
from rooms.limits import TURN_COMMANDS_MAX
from rooms.ports import Appended, Clock, Head, RoomLog, StanceRecord, Turn

ROOMS_PER_RUN = 20
"""A room of 1,000 raters takes half a second; the next run takes up the rest."""

TRIES_MAX = 5
"""Where people keep changing what is to be brought up to date, the rest is left to the next run."""

log = structlog.get_logger(__name__)


async def refresh_rooms(clusters: RaterClusters, room_log: RoomLog, clock: Clock) -> int:
    """Brings up to date what is out of date; how many ratings were counted anew.

    A room that cannot be read does not keep the others from being refreshed.
    """
    changed = 0
    for show_id in await clusters.due(RULE_VERSION, ROOMS_PER_RUN):
        try:
            changed += await refresh_room(show_id, clusters, room_log, clock)
        except Exception:
            log.exception("ratings_not_refreshed", show_id=show_id)
    return changed


async def refresh_room(
    show_id: str, clusters: RaterClusters, room_log: RoomLog, clock: Clock
) -> int:
    """Brings one room up to date; how many of its ratings were counted anew."""
    changed = 0
    for _ in range(TRIES_MAX):
        room = await clusters.rated_room(show_id)
        now = clock.now()
        found, outdated = await asyncio.to_thread(look_at, room, now)
        await clusters.put(show_id, found, now)
        head, written = await _append(show_id, room.head, outdated, room_log)
        changed += written
        if written == len(outdated):
            await clusters.refreshed(show_id, head.state_version, RULE_VERSION)
            break
    if changed:
        log.debug("ratings_refreshed", show_id=show_id, ratings=changed)
    return changed


def look_at(room: RatedRoom, now: datetime) -> tuple[dict[str, str], list[StanceRecord]]:
    """The clusters of a room, and its ratings that are counted by a class of the past."""
    weights = {one.participant_id: _weight(one, now) for one in room.raters}
    found = find_clusters(
        msgspec.structs.replace(one.rater, weight=weights[one.participant_id])
        for one in room.raters
    )
    classes = {
        one.participant_id: voter_class(
            weights[one.participant_id], found.get(one.rater.account_id)
        )
        for one in room.raters
    }
    outdated = [
        msgspec.structs.replace(record, voter_class=classes[record.participant_id], version=0)
        for record in room.ratings
        if classes.get(record.participant_id, record.voter_class) != record.voter_class
    ]
    return found, outdated


def _weight(one: KnownRater, now: datetime) -> float:
    return rating_weight(
        one.reputation, now, has_account=one.has_account, checked_in=one.checked_in
    )


async def _append(
    show_id: str, since: Head, records: Sequence[StanceRecord], room_log: RoomLog
) -> tuple[Head, int]:
    """Appends turns of bounded size under the room's lock, so that a busy room is brought up to
    date as well; where the head is then, and how many ratings went in. A rating that its author
    changed after ``since`` is left out: it is read again."""
    head, written = since, 0
    for start in range(0, len(records), TURN_COMMANDS_MAX):
        some = records[start : start + TURN_COMMANDS_MAX]
        async with room_log.locked(show_id) as room:
            delta = await room.read_since(since, {record.participant_id for record in some})
            head = delta.head
            moved = {_key(record) for record in delta.stances}
            still = tuple(record for record in some if _key(record) not in moved)
            if still:
                turn = Turn(show_id=show_id, expected=head, stances=still)
                outcome = await room.append(turn)
                if not isinstance(outcome, Appended):
                    break
                head = outcome.head
                written += len(still)
    return head, written


def _key(record: StanceRecord) -> tuple[str, str, str]:
    return (record.participant_id, record.kind, record.subject)
