"""Rounds and votes: each test is a rule."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.commands import (
    CastVote,
    ChangeShowStatus,
    CloseDueRound,
    CloseRound,
    CreateRound,
    ExtendRound,
    OpenRound,
    RevealRound,
    UpdateRound,
    WithdrawVote,
)
from rooms.events import RoundClosed
from rooms.messages import Ack, Reject
from rooms.participants import SYSTEM
from rooms.rounds import tally
from rooms.rounds.counting.results import result
from rooms.rounds.problems import problems
from rooms.show import ShowStatus
from rooms.state import RoomState
from rooms.views import round_view
from rooms.vote_config import (
    Change,
    Fraud,
    Identity,
    Option,
    Pick,
    TieRule,
    Visibility,
    VoteConfig,
    VoteType,
    Who,
    Window,
    config_hash,
    with_codes,
)
from tests.rooms.builders import ARTIST, FAN, OTHER, Bench, config, envelope, person

ROUND = "0198a000-0000-7000-8000-00000000000a"


def code(answer: object) -> str:
    assert isinstance(answer, Reject), answer
    return answer.code


def vote(option_id: str) -> CastVote:
    return CastVote(ROUND, (Pick(option_id),))


def opened(**changes: object) -> Bench:
    room = Bench()
    room.turn(
        envelope(ARTIST, CreateRound(ROUND, config(**changes))),
        envelope(ARTIST, OpenRound(ROUND)),
    )
    return room


def result_of(room: Bench) -> dict[str, int]:
    assert room.last is not None
    data = room.last.turn.events[-1].data_for(crew=True)
    assert isinstance(data, RoundClosed)
    assert data.result is not None
    return data.result.options


def test_the_last_vote_counts_once() -> None:
    room = opened()
    room.turn(envelope(FAN, vote("o1"), 1), envelope(OTHER, vote("o1"), 2))
    answer = room.give(FAN, vote("o2"), 3)
    assert isinstance(answer, Ack)
    assert answer.data == {"round_id": ROUND, "picks": [{"option_id": "o2"}]}
    assert answer.seq == room.state.head.seq
    room.give(ARTIST, CloseRound(ROUND), 4)
    assert result_of(room) == {"o1": 1, "o2": 1}


def test_a_withdrawn_vote_is_counted_nowhere_and_may_come_back() -> None:
    room = opened()
    room.give(FAN, vote("o1"), 1)
    assert isinstance(room.give(FAN, WithdrawVote(ROUND), 2), Ack)
    assert code(room.give(FAN, WithdrawVote(ROUND), 3)) == "no_vote"
    room.give(FAN, vote("o2"), 4)
    room.give(ARTIST, CloseRound(ROUND), 5)
    assert result_of(room) == {"o1": 0, "o2": 1}


def test_a_vote_is_judged_by_its_own_time_of_receipt() -> None:
    room = opened(window=Window(duration_s=60))
    assert isinstance(room.give(FAN, vote("o1"), 60), Ack)
    assert code(room.give(OTHER, vote("o1"), 60.001)) == "round_closed"


def test_a_due_round_waits_for_other_inboxes() -> None:
    room = opened(window=Window(duration_s=60))
    room.turn(envelope(SYSTEM, CloseDueRound(ROUND), 60.5, keeps_reply=False))
    assert room.state.rounds[ROUND].status == "open"
    room.turn(
        envelope(FAN, vote("o2"), 59.9),
        envelope(SYSTEM, CloseDueRound(ROUND), 61, keeps_reply=False),
    )
    assert result_of(room) == {"o1": 0, "o2": 1}
    room.turn(envelope(SYSTEM, CloseDueRound(ROUND), 62, keeps_reply=False))
    assert room.events == []


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (CastVote(ROUND, (Pick("o9"),)), "unknown_option"),
        (CastVote(ROUND, ()), "invalid_picks"),
        (CastVote(ROUND, (Pick("o1"), Pick("o2"))), "invalid_picks"),
        (CastVote(ROUND, (Pick("o1", 3),)), "invalid_picks"),
        (CastVote("elsewhere", (Pick("o1"),)), "unknown_round"),
    ],
)
def test_bad_picks_are_refused(command: CastVote, expected: str) -> None:
    assert code(opened().give(FAN, command)) == expected


def test_a_final_vote_stays() -> None:
    room = opened(change=Change.NEVER)
    room.give(FAN, vote("o1"))
    assert code(room.give(FAN, vote("o2"))) == "vote_is_final"
    assert code(room.give(FAN, WithdrawVote(ROUND))) == "vote_is_final"


def test_votes_have_a_pace() -> None:
    room = opened(fraud=Fraud(rate_per_min=2))
    assert isinstance(room.give(FAN, vote("o1"), 1), Ack)
    assert isinstance(room.give(FAN, vote("o2"), 2), Ack)
    answer = room.give(FAN, vote("o1"), 3)
    assert code(answer) == "rate_limited"
    assert isinstance(room.give(OTHER, vote("o1"), 3), Ack)
    assert isinstance(room.give(FAN, vote("o1"), 61), Ack)


def test_a_round_may_ask_for_accounts() -> None:
    room = opened(who=Who(identity=Identity.ACCOUNT))
    assert code(room.give(FAN, vote("o1"))) == "account_required"
    member = msgspec.structs.replace(person("vi"), guest=False)
    assert isinstance(room.give(member, vote("o1")), Ack)


def test_an_extension_has_an_end() -> None:
    room = opened(window=Window(duration_s=60, extend_max_s=60))
    assert isinstance(room.give(ARTIST, ExtendRound(ROUND, 40), 50), Ack)
    assert isinstance(room.give(FAN, vote("o1"), 99), Ack)
    assert code(room.give(ARTIST, ExtendRound(ROUND, 40), 99)) == "extended_too_far"


def test_only_crew_drives_and_only_live_shows_vote() -> None:
    room = Bench()
    assert code(room.give(FAN, CreateRound(ROUND, config()))) == "not_allowed"
    early = Bench(ShowStatus.PUBLISHED)
    early.give(ARTIST, CreateRound(ROUND, config()))
    assert code(early.give(ARTIST, OpenRound(ROUND))) == "show_not_live"


def test_a_draft_changes_and_an_open_round_does_not() -> None:
    room = Bench()
    room.give(ARTIST, CreateRound(ROUND, config()))
    changed = config(title="Opener?")
    assert isinstance(room.give(ARTIST, UpdateRound(ROUND, changed)), Ack)
    room.give(ARTIST, OpenRound(ROUND))
    assert room.state.rounds[ROUND].config_hash == config_hash(with_codes(changed))
    assert code(room.give(ARTIST, UpdateRound(ROUND, config()))) == "round_not_draft"


@pytest.mark.parametrize("visibility", list(Visibility))
def test_what_is_hidden_is_absent(visibility: Visibility) -> None:
    room = opened(visibility=visibility)
    room.give(FAN, vote("o1"))

    def seen(*, crew: bool, voted: bool) -> bytes:
        record = room.state.rounds[ROUND]
        counts = room.state.tallies.get(ROUND, {})
        return msgspec.json.encode(round_view(record, counts, crew=crew, voted=voted))

    assert b'"tally":{"round_id"' in seen(crew=True, voted=False)
    assert (b'"tally":{"round_id"' in seen(crew=False, voted=False)) == (
        visibility is Visibility.ALWAYS
    )
    assert (b'"tally":{"round_id"' in seen(crew=False, voted=True)) == (
        visibility in (Visibility.ALWAYS, Visibility.AFTER_VOTE)
    )
    room.give(ARTIST, CloseRound(ROUND))
    assert room.last is not None
    event = room.last.turn.events[-1]
    public = visibility in (Visibility.ALWAYS, Visibility.AFTER_VOTE, Visibility.ON_CLOSE)
    assert (b'"result"' in msgspec.json.encode(event.data_for(crew=False))) == public
    assert b'"result"' in msgspec.json.encode(event.data_for(crew=True))
    assert (b'"result"' in seen(crew=False, voted=True)) == public
    answer = room.give(ARTIST, RevealRound(ROUND))
    if visibility is Visibility.NEVER:
        assert code(answer) == "never_revealed"
        assert b'"result"' not in seen(crew=False, voted=True)
    else:
        assert isinstance(answer, Ack)
        assert b'"result"' in seen(crew=False, voted=False)


def test_a_tie_is_shown_as_a_tie_and_no_vote_has_no_winner() -> None:
    room = opened()
    room.turn(envelope(FAN, vote("o1")), envelope(OTHER, vote("o2")))
    counts = room.state.tallies[ROUND]
    assert result(config(), counts).winners == ("o1", "o2")
    assert result(config(), {}).winners == ()
    below = result(config(quorum=3), counts)
    assert (below.winners, below.quorum_met) == ((), False)


def test_closing_the_show_closes_rounds_and_locks_the_setlist() -> None:
    room = opened()
    room.give(FAN, vote("o1"))
    room.give(ARTIST, ChangeShowStatus(ShowStatus.CLOSED))
    assert room.events == ["round_closed", "setlist_locked", "show_status_changed"]
    assert room.last is not None
    assert room.last.turn.show_status is ShowStatus.CLOSED
    assert [effect.kind for effect in room.last.turn.outbox] == ["results"]
    assert code(room.give(ARTIST, ChangeShowStatus(ShowStatus.LIVE))) == "illegal_transition"


def test_problems_are_listed_by_field() -> None:
    bad = VoteConfig(
        title="x",
        options=(Option(id="a", label="A", code="stop"), Option(id="a", label="  ")),
        type=VoteType.RANKED,
    )
    assert {problem.field for problem in problems(bad)} == {
        "tally.method",
        "options",
        "options[0].code",
        "options[1].label",
    }
    assert problems(config()) == []


def test_the_rules_for_ties_are_kept_and_published_by_the_hash() -> None:
    ruled = config(tie=(TieRule.RUNOFF, TieRule.ARTIST, TieRule.SEEDED_RANDOM))
    assert problems(ruled) == []
    assert config_hash(ruled) != config_hash(config())


votes = st.lists(
    st.tuples(st.sampled_from(["ann", "bob", "cy"]), st.sampled_from(["o1", "o2", None])),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(votes, st.integers(1, 4))
def test_counts_by_delta_equal_the_count_from_ballots(
    script: list[tuple[str, str | None]], turn_size: int
) -> None:
    room = opened()
    envelopes = [
        envelope(person(name), vote(option) if option else WithdrawVote(ROUND))
        for name, option in script
    ]
    for start in range(0, len(envelopes), turn_size):
        room.turn(*envelopes[start : start + turn_size])
    recount = tally.recount(
        (record.pattern, record.voter_class) for record in room.ballots.values()
    )
    held = {key: n for key, n in room.state.tallies.get(ROUND, {}).items() if n}
    assert held == recount


def test_old_state_and_events_give_the_fresh_state() -> None:
    room = opened()
    room.give(FAN, vote("o1"))
    events = []
    fresh = RoomState(room.state.facts, room.state.head)
    for step in (CloseRound(ROUND), ChangeShowStatus(ShowStatus.CLOSED)):
        before = room.state.copy()
        room.give(ARTIST, step)
        assert room.last is not None
        events = list(room.last.turn.events)
        for event in events:
            before.apply(event)
        fresh = before
        fresh.head = room.state.head
        assert fresh.memory == room.state.memory
        assert fresh.facts == room.state.facts
        assert {key: r.status for key, r in fresh.rounds.items()} == {
            key: r.status for key, r in room.state.rounds.items()
        }
