"""Who may vote, and what a ballot may hold."""

from __future__ import annotations

import msgspec
import pytest

from rooms import limits
from rooms.acts import Actor
from rooms.commands import (
    CastVote,
    CloseRound,
    CreateRound,
    HoldVotes,
    OpenRound,
    ReleaseVotes,
    SetJury,
    WithdrawVote,
)
from rooms.events import JurySet
from rooms.participants import Participant
from rooms.ports import Standing
from rooms.vote_config import (
    Attendance,
    Identity,
    Pick,
    PickRule,
    TallyMethod,
    TallyRule,
    VoteConfig,
    VoteType,
    Weights,
    Who,
)
from tests.rooms.builders import ARTIST, FAN, MODERATOR, OTHER, Bench, config, envelope, person
from tests.rooms.rounds.builders import (
    ROUND,
    acked,
    bracket,
    by_sms,
    close,
    code,
    opened,
    options,
    ranked,
    told,
    vote,
)

POINTS = config(
    type=VoteType.POINTS,
    options=options("abc"),
    pick=PickRule(1, 3, budget=10),
    tally=TallyRule(TallyMethod.SUM),
)
UPDOWN = config(
    type=VoteType.UPDOWN,
    options=options("abc"),
    pick=PickRule(1, 3),
    tally=TallyRule(TallyMethod.NET),
)
APPROVAL = config(
    type=VoteType.APPROVAL,
    options=options("abcd"),
    pick=PickRule(2, 3),
    tally=TallyRule(TallyMethod.APPROVAL),
)


def ballot(*picks: tuple[str, int | None]) -> CastVote:
    """A ballot with values."""
    return CastVote(ROUND, tuple(Pick(option_id, value) for option_id, value in picks))


@pytest.mark.parametrize(
    ("round_config", "command", "expected"),
    [
        (POINTS, ballot(("a", 7), ("b", 4)), "invalid_picks"),
        (POINTS, ballot(("a", -1)), "invalid_picks"),
        (POINTS, ballot(("a", 0)), "invalid_picks"),
        (POINTS, ballot(("a", None)), "invalid_picks"),
        (POINTS, ballot(("a", 1), ("a", 2)), "invalid_picks"),
        (UPDOWN, ballot(("a", 2)), "invalid_picks"),
        (UPDOWN, ballot(("a", 0)), "invalid_picks"),
        (UPDOWN, ballot(("a", None)), "invalid_picks"),
        (APPROVAL, vote("a"), "invalid_picks"),
        (APPROVAL, vote("a", "b", "c", "d"), "invalid_picks"),
        (APPROVAL, vote("a", "z"), "unknown_option"),
        (APPROVAL, ballot(("a", 1), ("b", 1)), "invalid_picks"),
        (ranked("abc", TallyMethod.IRV), vote("a", "b", "a"), "invalid_picks"),
        (bracket("abcd"), vote("a", "b"), "invalid_picks"),
        (bracket("abc"), vote("c"), "invalid_picks"),
    ],
)
def test_a_ballot_that_does_not_fit_is_refused(
    round_config: VoteConfig, command: CastVote, expected: str
) -> None:
    room = opened(round_config)
    assert code(room.give(FAN, command, 1)) == expected
    assert room.ballots == {}


def test_options_without_points_are_left_out() -> None:
    room = opened(POINTS)
    answer = acked(room.give(FAN, ballot(("a", 0), ("b", 10), ("c", 0)), 1))
    assert answer["picks"] == [{"option_id": "b", "value": 10}]
    assert close(room).options == {"a": 0, "b": 10, "c": 0}


def test_the_order_of_picks_is_the_ranking() -> None:
    room = opened(ranked("abc", TallyMethod.BORDA))
    acked(room.give(FAN, vote("c", "a"), 1))
    assert close(room).options == {"a": 1, "b": 0, "c": 2}


def test_an_up_and_a_down_are_netted() -> None:
    room = opened(UPDOWN)
    acked(room.give(FAN, ballot(("a", 1), ("b", -1)), 1))
    acked(room.give(OTHER, ballot(("a", 1)), 1))
    assert close(room).options == {"a": 2, "b": -1, "c": 0}


def test_a_queue_takes_requests_instead_of_ballots() -> None:
    queue = config(type=VoteType.QUEUE, options=(), tally=TallyRule(TallyMethod.APPROVAL))
    assert code(opened(queue).give(FAN, vote("a"), 1)) == "queue_takes_upvotes"


# --- who may vote ---------------------------------------------------------------------------


def standing(who: str, **known: object) -> Standing:
    """What is known of somebody."""
    return Standing(participant_id=who, role="fan", **known)  # type: ignore[arg-type]


def restricted(known: dict[str, object] | None, **who: object) -> Bench:
    """A round for some, and a fan of whom this is known."""
    room = opened(who=Who(**who))  # type: ignore[arg-type]
    if known is not None:
        room.standings[FAN.participant_id] = standing(FAN.participant_id, **known)
    return room


@pytest.mark.parametrize(
    ("who", "known", "expected"),
    [
        ({"attendance": Attendance.CHECKED_IN}, None, "check_in_required"),
        ({"attendance": Attendance.CHECKED_IN}, {}, "check_in_required"),
        ({"identity": Identity.PHONE}, {"checked_in": True}, "phone_required"),
        ({"identity": Identity.DEVICE}, {}, "device_required"),
        ({"identity": Identity.DEVICE}, None, "device_required"),
        ({"identity": Identity.ACCOUNT}, {}, "account_required"),
        ({"channels": ("sms",)}, {}, "not_allowed"),
    ],
)
def test_who_is_not_eligible_is_told_why(
    who: dict[str, object], known: dict[str, object] | None, expected: str
) -> None:
    assert code(restricted(known, **who).give(FAN, vote("o1"), 1)) == expected


@pytest.mark.parametrize(
    ("who", "known"),
    [
        ({"attendance": Attendance.CHECKED_IN}, {"checked_in": True}),
        ({"identity": Identity.PHONE}, {"phone_confirmed": True}),
        ({"identity": Identity.DEVICE}, {"device_id": "d1"}),
    ],
)
def test_who_is_eligible_votes(who: dict[str, object], known: dict[str, object]) -> None:
    acked(restricted(known, **who).give(FAN, vote("o1"), 1))


def test_a_vote_by_sms_is_by_a_phone() -> None:
    room = restricted(None, identity=Identity.PHONE)
    (answer,) = room.turn(by_sms(FAN, vote("o1"), 1))
    acked(answer)
    assert close(room).channels == {"sms": 1}


def test_a_device_votes_once_whoever_holds_it() -> None:
    room = restricted({"device_id": "d1"}, identity=Identity.DEVICE)
    room.standings[OTHER.participant_id] = standing(OTHER.participant_id, device_id="d1")
    first, second = room.turn(envelope(FAN, vote("o1"), 1), envelope(OTHER, vote("o2"), 1))
    acked(first)
    assert code(second) == "device_has_voted"
    assert {record.device_id for record in room.ballots.values()} == {"d1"}
    room.standings[OTHER.participant_id] = standing(
        OTHER.participant_id, device_id="d1", device_rounds=frozenset({ROUND})
    )
    assert code(room.give(OTHER, vote("o2"), 2)) == "device_has_voted"
    acked(room.give(FAN, vote("o2"), 3))
    acked(room.give(FAN, WithdrawVote(ROUND), 4))
    assert close(room).voters == 0


# --- what is held for review ----------------------------------------------------------------


def with_device(name: str, device_id: str | None) -> Participant:
    """A fan who came with a device."""
    return msgspec.structs.replace(person(name), device_id=device_id)


def test_the_ballot_of_a_fourth_account_on_a_device_waits_for_crew() -> None:
    room = opened()
    for number in range(limits.BALLOTS_PER_DEVICE):
        answer = acked(room.give(with_device(f"kin{number}", "phone"), vote("o1"), 1))
        assert "held" not in answer
    fourth = with_device("fourth", "phone")
    assert acked(room.give(fourth, vote("o2"), 2))["held"] is True
    assert acked(room.give(fourth, vote("o1"), 3))["held"] is True
    acked(room.give(with_device("kin0", "phone"), vote("o2"), 3))
    acked(room.give(with_device("other", "tablet"), vote("o2"), 3))
    acked(room.give(with_device("unknown", None), vote("o2"), 3))
    result = close(room, at_s=4)
    assert result.options == {"o1": 2, "o2": 3}
    assert (result.voters, result.held) == (5, 1)


def test_what_is_known_of_a_device_outlives_the_close_of_another_round() -> None:
    room = opened()
    room.turn(envelope(ARTIST, CreateRound("elsewhere", room.state.rounds[ROUND].config)))
    room.turn(envelope(ARTIST, OpenRound("elsewhere")))
    for number in range(limits.BALLOTS_PER_DEVICE):
        acked(room.give(with_device(f"kin{number}", "phone"), vote("o1"), 1))
    room.turn(envelope(ARTIST, CloseRound("elsewhere")))
    assert acked(room.give(with_device("fourth", "phone"), vote("o2"), 2))["held"] is True


def test_crew_lets_a_held_ballot_count_while_the_round_is_open() -> None:
    room = opened()
    people = [with_device(f"kin{number}", "phone") for number in range(6)]
    for who in people:
        acked(room.give(who, vote("o1"), 1))
    held = tuple(who.participant_id for who in people[3:])
    assert code(room.give(FAN, ReleaseVotes(ROUND, held), 2)) == "not_allowed"
    answer = acked(room.give(MODERATOR, ReleaseVotes(ROUND, (*held[:2], "nobody")), 2))
    assert answer["released"] == list(held[:2])
    assert "held" not in acked(room.give(people[3], vote("o2"), 3)), "once is enough"
    result = close(room, at_s=4)
    assert (result.options, result.held) == ({"o1": 4, "o2": 1}, 1)
    assert code(room.give(ARTIST, ReleaseVotes(ROUND, held), 5)) == "round_not_open"


def test_crew_holds_ballots_that_count_and_a_change_of_them_waits_as_well() -> None:
    room = opened()
    people = [person(f"newcomer{number}") for number in range(4)]
    for who in people:
        acked(room.give(who, vote("o1"), 1))
    named = tuple(who.participant_id for who in people[:2])
    assert code(room.give(FAN, HoldVotes(ROUND, named), 2)) == "not_allowed"
    assert acked(room.give(MODERATOR, HoldVotes(ROUND, (*named, "nobody")), 2))["held"] == [*named]
    assert acked(room.give(MODERATOR, HoldVotes(ROUND, named), 2))["held"] == []
    assert acked(room.give(people[0], vote("o2"), 3))["held"] is True
    assert "held" not in acked(room.give(people[3], vote("o2"), 3))
    acked(room.give(MODERATOR, ReleaseVotes(ROUND, named[1:]), 4))
    result = close(room, at_s=5)
    assert (result.options, result.held) == ({"o1": 2, "o2": 1}, 1)
    assert code(room.give(ARTIST, HoldVotes(ROUND, named), 6)) == "round_not_open"


# --- the jury -------------------------------------------------------------------------------


def test_the_jury_is_a_class_of_its_own() -> None:
    room = opened(
        config(
            type=VoteType.WEIGHTED,
            options=options("ab"),
            tally=TallyRule(weights=Weights(audience=1, jury=3)),
        )
    )
    acked(room.give(ARTIST, SetJury((OTHER.participant_id, OTHER.participant_id)), 1))
    acked(room.give(FAN, vote("a"), 2))
    acked(room.give(OTHER, vote("b"), 2))
    result = close(room, at_s=3)
    assert result.options == {"a": 1, "b": 3}
    assert {name: one.voters for name, one in result.classes.items()} == {"audience": 1, "jury": 1}


def test_who_is_in_the_jury_is_for_crew() -> None:
    room = Bench()
    acked(room.give(ARTIST, SetJury((OTHER.participant_id, FAN.participant_id))))
    assert told(room, crew=False) == [JurySet(jurors=2)]
    by = Actor(ARTIST.participant_id, ARTIST.display_name)
    named = (OTHER.participant_id, FAN.participant_id)
    assert told(room, crew=True) == [JurySet(2, named, by)]
    assert OTHER.participant_id.encode() not in msgspec.json.encode(told(room, crew=False))
    assert code(room.give(ARTIST, SetJury(("nobody",)))) == "unknown_participant"
    assert code(room.give(FAN, SetJury(()))) == "not_allowed"
    acked(room.give(ARTIST, SetJury(())))
    assert room.state.memory.jury == frozenset()


def test_a_ballot_keeps_the_class_it_was_cast_with() -> None:
    room = opened(tally=TallyRule(weights=Weights(audience=1, jury=0)))
    acked(room.give(FAN, vote("o1"), 1))
    acked(room.give(ARTIST, SetJury((FAN.participant_id,)), 2))
    assert close(room, at_s=3).voters == 1
