"""The end of a night: everybody ends with the same, and it is what the log says."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from rooms.participants import Participant
from rooms.room import Room
from rooms.rounds.counting.results import result
from rooms.sessions.opening import audience_of
from tests.simulation import checks
from tests.simulation.story import Violation
from tests.simulation.world import SHOW

if TYPE_CHECKING:
    from tests.simulation.attendee import Attendee
    from tests.simulation.night import Night

MOVES_BY_ITSELF = frozenset({"head_count", "pulse"})


async def judge(night: Night) -> None:
    """Compares everything with everything.

    Raises:
        Violation: a promise was broken.
    """
    stored = night.database.log.room(SHOW.show_id)
    for site in night.sites:
        room = site.node.loaded(SHOW.show_id) if site.up else None
        if room is not None:
            await _node(night, room)
    for phone in night.phones:
        _phone(night, phone)
    _acknowledged(night)
    _counted(night, stored)


async def _node(night: Night, room: Room) -> None:
    """A node's copy is what a node that loads the room now would have."""
    try:
        await checks.compare(night, room)  # type: ignore[arg-type]
    except AssertionError as error:
        raise Violation(f"a node's copy is not the log's: {error}") from error


def _phone(night: Night, phone: Attendee) -> None:
    if phone.seq != night.ledger.head:
        raise Violation(f"{phone.name} ends at {phone.seq}, the log at {night.ledger.head}")
    if phone.editor.clocks() != {k: v for k, v in night.ledger.clocks.items() if v}:
        raise Violation(
            f"{phone.name} holds {phone.editor.clocks()}, the log {night.ledger.clocks}"
        )
    if phone.editor.content() != night.ledger.content():
        raise Violation(
            f"{phone.name} reads {phone.editor.content()}, the log {night.ledger.content()}"
        )
    wire = phone.wire
    assert wire is not None
    room = wire.site.node.loaded(SHOW.show_id)
    if room is None:
        raise Violation(f"{phone.name} is in a room that is not loaded")
    _states(phone, phone.who, room)


def _states(phone: Attendee, who: Participant, room: Room) -> None:
    """What it shows is what it would be told if it came now."""
    whole = msgspec.json.decode(phone.snapshot)
    for name, key in room.state_keys():
        if name in MOVES_BY_ITSELF:
            continue
        now = room.render_state(name, key, audience_of(room, who, key))
        if now is None:
            continue
        expected = msgspec.json.decode(now.data)
        told = phone.states.get((name, key))
        shown = msgspec.json.decode(told) if told is not None else _from_whole(whole, name, key)
        if shown != expected and not (shown is None and _is_nothing(name, expected)):
            raise Violation(f"{phone.name} shows {name} {key} as {shown}, and it is {expected}")


def _from_whole(whole: dict[str, Any], name: str, key: str) -> Any:
    """The value of a state in a snapshot."""
    match name:
        case "tally":
            found = [one for one in whole.get("rounds", ()) if one["round_id"] == key]
            return found[0].get("tally") if found else None
        case "confidence" | "song_requests":
            field = "entry_id" if name == "confidence" else "round_id"
            found = [one for one in whole.get(name, ()) if one[field] == key]
            return found[0] if found else None
        case _:
            return whole.get(name)


def _is_nothing(name: str, value: Any) -> bool:
    """A state that nobody had a reason to send yet: a round opens with a tally of nothing."""
    if name == "tally":
        return not value["votes"]
    if name == "song_requests":
        return not value["requests"]
    return False


def _acknowledged(night: Night) -> None:
    """What was acknowledged is in the log, at the end as well."""
    replies = night.database.log.room(SHOW.show_id).replies
    for phone in night.phones:
        for command_id, answer in phone.answers.items():
            kept = replies.get((phone.who.participant_id, command_id))
            acked = msgspec.json.decode(answer)["t"] == "ack"
            if acked and (kept is None or kept.answer != answer):
                raise Violation(f"{phone.name} was told {answer!r}; the log says {kept}")


def _counted(night: Night, stored: Any) -> None:
    recount = Counter(
        (one.round_id, one.pattern, one.voter_class)
        for one in stored.ballots.values()
        if one.pattern
    )
    if {key: n for key, (n, _) in stored.tallies.items() if n} != dict(recount):
        raise Violation(f"tallies {stored.tallies} are no recount {recount}")
    for record, _ in stored.rounds.values():
        if record.result is None:
            continue
        counts = {key[1:]: n for key, n in recount.items() if key[0] == record.round_id}
        fresh = result(record.config, counts)
        if (record.result.options, record.result.votes) != (fresh.options, fresh.votes):
            raise Violation(f"{record.result} is no recount {fresh}")
        if night.ledger.tally(record.round_id)[1] != record.result.votes:
            raise Violation(f"{record.result} is not what was voted")
