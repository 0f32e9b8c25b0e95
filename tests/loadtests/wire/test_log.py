"""A client notices when the log's promise is broken."""

from loadtests.wire.log import LogPlace
from loadtests.wire.messages import EventMessage, Welcome


def _welcome(seq: int, *, epoch: str = "e1", recovered: bool = False) -> Welcome:
    return Welcome(
        show_id="s",
        epoch=epoch,
        seq=seq,
        recovered=recovered,
        you={"participant_id": "p"},
        state={},
    )


def _event(seq: int) -> EventMessage:
    return EventMessage(seq=seq, name="chat_posted", at="", data={})


def test_events_in_order_break_nothing() -> None:
    place = LogPlace()
    place.welcomed(_welcome(4))
    assert [place.received(_event(seq)) for seq in (5, 6, 7)] == [True, True, True]
    assert place.seq == 7 and place.violations == []


def test_a_gap_and_a_duplicate_are_both_noticed() -> None:
    place = LogPlace()
    place.welcomed(_welcome(4))
    place.received(_event(6))
    assert not place.received(_event(6))
    assert len(place.violations) == 2


def test_a_recovered_welcome_keeps_the_place() -> None:
    place = LogPlace()
    place.welcomed(_welcome(4))
    place.received(_event(5))
    place.welcomed(_welcome(9, recovered=True))
    assert place.seq == 5
    assert place.received(_event(6)) and place.violations == []


def test_a_log_that_went_back_is_noticed_and_another_epoch_is_not_a_fault() -> None:
    place = LogPlace()
    place.welcomed(_welcome(9))
    assert place.welcomed(_welcome(3, epoch="e2")) is True
    assert place.violations == []
    place.received(_event(4))
    place.welcomed(_welcome(2, epoch="e2"))
    assert len(place.violations) == 1
