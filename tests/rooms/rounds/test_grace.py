"""The grace for SMS, kept by timers on whatever node there is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from rooms.commands import CastVote, CreateRound, OpenRound
from rooms.messages import Ack
from rooms.participants import Channel, Participant, Role
from rooms.timers import DueRounds
from rooms.vote_config import Pick, Window
from tests.contract.harness import new_id
from tests.rooms.builders import SHOW_ID, config, envelope, facts
from tests.rooms.test_holds import ARTIST, DURATION_S, ENDS_AT, House
from tests.rooms.test_room_faults import settled

GRACE_S = 15


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    takes_sms = msgspec.structs.replace(facts(), takes_sms=True)
    made.log.add_show(takes_sms, {ARTIST.participant_id: "artist"})
    yield made
    for node in made.nodes:
        await node.stop()


async def test_grace_begins_and_ends_when_the_node_that_opened_the_round_is_gone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.timers.POLL_INTERVAL_S", 0.0)
    opener, _ = house.node()
    room = await opener.enter(SHOW_ID)
    round_id = new_id()
    window = Window(duration_s=DURATION_S, sms_grace_s=GRACE_S)
    await room.ask(envelope(ARTIST, CreateRound(round_id, config(window=window))))
    assert isinstance(await room.ask(envelope(ARTIST, OpenRound(round_id))), Ack)
    await opener.stop()
    house.nodes.remove(opener)

    other, _ = house.node()
    timers = DueRounds(other)
    house.clock.at = ENDS_AT + timedelta(seconds=2)
    await timers.close()
    await settled(lambda: house.log.room(SHOW_ID).rounds[round_id][0].status == "grace")

    phone = Participant(new_id(), new_id(), Role.FAN, "Phone", guest=True)
    for at_s, counts in ((DURATION_S + GRACE_S, True), (DURATION_S + GRACE_S + 0.001, False)):
        vote = envelope(phone, CastVote(round_id, (Pick("o1"),)), at_s)
        answer = await other.rooms[0].ask(msgspec.structs.replace(vote, channel=Channel.SMS))
        assert isinstance(answer, Ack) is counts

    house.clock.at = ENDS_AT + timedelta(seconds=GRACE_S + 0.9)
    await timers.close()
    assert house.log.room(SHOW_ID).rounds[round_id][0].status == "grace"
    house.clock.at = ENDS_AT + timedelta(seconds=GRACE_S + 1)
    await timers.close()
    await settled(lambda: house.log.room(SHOW_ID).rounds[round_id][0].status == "closed")
    result = house.log.room(SHOW_ID).rounds[round_id][0].result
    assert result is not None and result.channels == {"sms": 1}
