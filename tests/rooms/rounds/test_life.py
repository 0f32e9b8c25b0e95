"""How rounds are timed, corrected and taken away."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from rooms.commands import (
    CancelRound,
    ChangeShowStatus,
    CloseRound,
    CreateRound,
    ExtendRound,
    OpenRound,
    SupersedeRound,
    UpdateRound,
)
from rooms.events import RoundGraceStarted, RoundOpened, RoundSuperseded
from rooms.messages import Ack
from rooms.ports import TallyRecord
from rooms.rounds.leaderboard import leaderboard_of
from rooms.show import ShowStatus
from rooms.views import round_view
from rooms.vote_config import TieRule, Who, Window, config_hash
from tests.rooms.builders import ARTIST, FAN, OTHER, Bench, after, config, envelope
from tests.rooms.rounds.builders import (
    ROUND,
    acked,
    bracket,
    by_sms,
    cast,
    close,
    code,
    following,
    opened,
    result_of,
    timer,
    told,
    vote,
)

NEW = "0198a000-0000-7000-8000-00000000000b"
NEWER = "0198a000-0000-7000-8000-00000000000c"


def by_phone(*, takes_sms: bool = True, **changes: object) -> Bench:
    """An open round of a minute, of a show that takes SMS."""
    room = Bench()
    room.state.facts = msgspec.structs.replace(room.state.facts, takes_sms=takes_sms)
    window = Window(duration_s=60, sms_grace_s=15, extend_max_s=60)
    room.give(ARTIST, CreateRound(ROUND, config(window=window, **changes)))
    acked(room.give(ARTIST, OpenRound(ROUND)))
    return room


def test_after_its_end_a_round_takes_votes_by_sms_for_a_while() -> None:
    room = by_phone()
    assert timer(room, 59.9) == []
    assert timer(room, 60) == ["round_grace_started"]
    assert told(room, crew=False) == [RoundGraceStarted(ROUND, after(75))]
    assert room.state.rounds[ROUND].status == "grace"
    assert timer(room, 61) == []
    late, in_time, too_late = room.turn(
        by_sms(FAN, vote("o1"), 60), by_sms(OTHER, vote("o2"), 75), by_sms(FAN, vote("o2"), 75.1)
    )
    acked(late)
    acked(in_time)
    assert code(too_late) == "round_closed"
    assert code(room.give(FAN, vote("o2"), 60.1)) == "round_closed"
    acked(room.give(FAN, vote("o2"), 59.9))
    assert timer(room, 75.9) == []
    assert timer(room, 76) == ["round_closed"]
    assert result_of(room).options == {"o1": 0, "o2": 2}


def test_a_vote_by_sms_counts_in_time_even_before_the_grace_is_said() -> None:
    room = by_phone()
    (answer,) = room.turn(by_sms(FAN, vote("o1"), 70))
    acked(answer)


@pytest.mark.parametrize(
    "room",
    [
        by_phone(takes_sms=False),
        by_phone(who=Who(channels=("web",))),
    ],
)
def test_who_takes_no_sms_has_no_grace(room: Bench) -> None:
    assert timer(room, 60.9) == []
    assert timer(room, 61) == ["round_closed"]


def test_a_round_in_grace_can_be_closed_by_hand_but_not_extended() -> None:
    room = by_phone()
    timer(room, 60)
    assert code(room.give(ARTIST, ExtendRound(ROUND, 10), 61)) == "round_closed"
    acked(room.give(ARTIST, CloseRound(ROUND), 62))
    assert room.state.rounds[ROUND].status == "closed"


def test_an_extension_said_in_time_reopens_a_round_that_another_node_put_into_grace() -> None:
    room = by_phone()
    timer(room, 60)
    acked(room.give(ARTIST, ExtendRound(ROUND, 30), 59.9))
    assert room.state.rounds[ROUND].status == "open"
    acked(room.give(FAN, vote("o1"), 89))


def test_the_end_of_the_show_ends_a_grace() -> None:
    room = by_phone()
    timer(room, 60)
    acked(room.give(ARTIST, ChangeShowStatus(ShowStatus.CLOSED), 61))
    assert room.state.rounds[ROUND].status == "closed"


# --- corrections ----------------------------------------------------------------------------


def test_a_correction_takes_the_place_of_an_open_round() -> None:
    room = opened()
    cast(room, {"o1": 3})
    corrected = config(title="Encore, really?")
    answer = acked(room.give(ARTIST, SupersedeRound(ROUND, NEW, corrected, " A typo. "), 2))
    assert answer == {"round_id": NEW, "supersedes": ROUND}
    gone, begun = told(room, crew=False)
    assert gone == RoundSuperseded(ROUND, NEW, "A typo.")
    assert isinstance(begun, RoundOpened) and begun.supersedes == ROUND
    old, new = room.state.rounds[ROUND], room.state.rounds[NEW]
    assert (old.status, old.superseded_by) == ("superseded", NEW)
    assert (new.status, new.supersedes) == ("open", ROUND)
    assert code(room.give(FAN, vote("o1"), 3)) == "round_closed"
    assert close(room, NEW).voters == 0
    assert room.state.open_rounds == []


def test_a_correction_is_written_down() -> None:
    room = opened()
    room.give(ARTIST, SupersedeRound(ROUND, NEW, config(title="Again"), "Wrong songs"), 2)
    assert room.last is not None
    (row,) = room.last.turn.audit
    assert (row.action, row.subject, row.participant_id) == (
        "supersede_round",
        ROUND,
        ARTIST.participant_id,
    )
    assert row.before == {"hash": room.state.rounds[ROUND].config_hash, "status": "open"}
    assert row.after == {
        "round_id": NEW,
        "hash": room.state.rounds[NEW].config_hash,
        "reason": "Wrong songs",
    }


def test_the_reason_of_a_correction_is_plain_text() -> None:
    room = opened()
    acked(room.give(ARTIST, SupersedeRound(ROUND, NEW, config(), "A\0 typo\u202e "), 2))
    assert told(room, crew=False)[0] == RoundSuperseded(ROUND, NEW, "A typo")


def test_a_corrected_result_counts_nowhere() -> None:
    room = opened()
    cast(room, {"o1": 3})
    close(room)
    assert leaderboard_of(room.state.rounds.values(), crew=True).voters == 3
    acked(room.give(ARTIST, SupersedeRound(ROUND, NEW, config()), 3))
    assert room.state.rounds[NEW].status == "draft"
    assert leaderboard_of(room.state.rounds.values(), crew=True).voters == 0
    assert ROUND not in room.state.tallies
    record, counts = room.state.rounds[ROUND], {("o1", "audience:web"): 3}
    for crew in (True, False):
        view = round_view(record, counts, crew=crew, voted=True)
        assert view is not None
        assert (view.result, view.tally, view.superseded_by) == (None, None, NEW)


def test_what_followed_from_a_corrected_result_is_cancelled() -> None:
    room = opened(bracket("abcd"))
    cast(room, {"a,c": 1})
    close(room)
    second = following(room)
    acked(room.give(ARTIST, SupersedeRound(ROUND, NEW, bracket("abcd")), 3))
    assert room.events == ["round_superseded", "round_cancelled"]
    assert room.state.rounds[second.round_id].status == "cancelled"


@pytest.mark.parametrize("ended", [False, True])
def test_what_corrected_a_runoff_is_cancelled_with_the_round_before_it(ended: bool) -> None:
    room = opened(tie=(TieRule.RUNOFF,))
    cast(room, {"o1": 1, "o2": 1})
    close(room)
    runoff = following(room)
    if ended:  # then its correction is a draft
        cast(room, {"o1": 1}, runoff.round_id, 3)
        close(room, runoff.round_id, 4)
    acked(room.give(ARTIST, SupersedeRound(runoff.round_id, NEW, config()), 5))
    assert room.state.rounds[NEW].status == ("draft" if ended else "open")
    acked(room.give(ARTIST, SupersedeRound(ROUND, NEWER, config()), 6))
    assert room.state.rounds[NEW].status == "cancelled"
    assert room.state.open_rounds == []


def test_drafts_and_what_is_gone_are_not_corrected() -> None:
    room = Bench()
    room.give(ARTIST, CreateRound(ROUND, config()))
    assert code(room.give(ARTIST, SupersedeRound(ROUND, NEW, config()))) == "round_is_draft"
    room.give(ARTIST, CancelRound(ROUND))
    assert code(room.give(ARTIST, SupersedeRound(ROUND, NEW, config()))) == "round_not_current"
    assert code(room.give(FAN, SupersedeRound(ROUND, NEW, config()))) == "not_allowed"


def test_a_cancelled_round_has_no_result() -> None:
    room = opened()
    cast(room, {"o1": 1})
    acked(room.give(ARTIST, CancelRound(ROUND), 2))
    assert room.events == ["round_cancelled"]
    record = room.state.rounds[ROUND]
    assert (record.status, record.result) == ("cancelled", None)
    assert code(room.give(FAN, vote("o1"), 3)) == "round_closed"
    assert code(room.give(ARTIST, CancelRound(ROUND), 3)) == "round_cancelled"


def test_a_cancelled_draft_was_never_there_for_fans() -> None:
    room = Bench()
    room.give(ARTIST, CreateRound(ROUND, config()))
    acked(room.give(ARTIST, CancelRound(ROUND)))
    assert room.events == []
    record = room.state.rounds[ROUND]
    assert round_view(record, {}, crew=False, voted=False) is None
    assert round_view(record, {}, crew=True, voted=False) is not None


def test_options_get_the_numbers_that_an_sms_says() -> None:
    room = opened()
    assert [option.code for option in room.state.rounds[ROUND].config.options] == ["1", "2"]
    by_web = opened(who=Who(channels=("web",)))
    assert [option.code for option in by_web.state.rounds[ROUND].config.options] == [None, None]


def test_a_frozen_configuration_is_the_one_whose_hash_is_published() -> None:
    room = opened()
    record = room.state.rounds[ROUND]
    assert code(room.give(ARTIST, UpdateRound(ROUND, config(title="Other")))) == "round_not_draft"
    cast(room, {"o1": 1})
    assert close(room).config_hash == record.config_hash == config_hash(record.config)


def test_a_held_round_is_closed_when_nobody_holds_it() -> None:
    room = by_phone(takes_sms=False)
    record = room.state.rounds[ROUND]
    held = msgspec.structs.replace(record, held_until=after(60) + timedelta(seconds=5))
    room.state.rounds[ROUND] = held
    assert timer(room, 64.9) == []
    assert timer(room, 65) == ["round_closed"]


def test_what_was_counted_is_let_go_of_with_the_round() -> None:
    room = opened(tie=(TieRule.RUNOFF,))
    answers = room.turn(
        envelope(FAN, vote("o1"), 1),
        envelope(OTHER, vote("o2"), 1),
        envelope(ARTIST, CloseRound(ROUND), 2),
    )
    assert all(isinstance(answer, Ack) for answer in answers)
    assert result_of(room).voters == 2
    late = TallyRecord(ROUND, "o1", "audience:web", 1)  # of the very turn that closed it
    assert room.state.absorb(tallies=[late]) == set()
    assert room.state.tallies == {}
