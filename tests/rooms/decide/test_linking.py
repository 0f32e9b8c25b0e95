"""A phone and an app that turn out to be one person have one vote."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rooms import limits
from rooms.commands import (
    AnyCommand,
    CloseRound,
    LinkParticipants,
    MuteParticipant,
    RemoveParticipant,
    RequestSong,
    SetJury,
    UpvoteSongRequest,
    WithdrawVote,
    by_system,
)
from rooms.events import CrewOnly, ParticipantsLinked
from rooms.messages import Ack, Reject
from rooms.participants import SYSTEM, Channel, Participant
from rooms.ports import StanceKind, Standing
from rooms.rounds.tally import WITHDRAWN
from rooms.vote_config import Change, Identity, Who
from tests.rooms.builders import (
    ARTIST,
    FAN,
    MODERATOR,
    OTHER,
    Bench,
    after,
    config,
    envelope,
    new_id,
    person,
)
from tests.rooms.rounds.builders import ROUND, acked, by_sms, code, opened, vote

APP, PHONE = FAN, OTHER
LINK = LinkParticipants(PHONE.participant_id, APP.participant_id)
BY_SMS = config(who=Who(("web", "sms")))


def link(bench: Bench, at_s: float = 50.0, command: LinkParticipants = LINK) -> Ack | Reject:
    (answer,) = bench.turn(by_system(command, after(at_s), new_id()))
    assert isinstance(answer, Ack | Reject)
    return answer


def picked(bench: Bench, who: Participant, round_id: str = ROUND) -> str:
    """The pattern of somebody's ballot; empty: withdrawn or none."""
    ballot = bench.ballots.get((round_id, who.participant_id))
    return ballot.pattern if ballot is not None else WITHDRAWN


def counted(bench: Bench) -> dict[tuple[str, str], int]:
    return {key: n for key, n in bench.state.tallies.get(ROUND, {}).items() if n}


def test_the_later_of_two_ballots_counts() -> None:
    for app_s, phone_s, winner in ((1.0, 2.0, "o2"), (2.0, 1.0, "o1")):
        bench = opened(BY_SMS)
        bench.give(APP, vote("o1"), app_s)
        bench.turn(by_sms(PHONE, vote("o2"), phone_s))
        assert acked(link(bench)) == {"participant_id": APP.participant_id}
        channel = "sms" if winner == "o2" else "web"
        assert counted(bench) == {(winner, f"audience:{channel}"): 1}
        assert picked(bench, APP) == winner
        assert picked(bench, PHONE) == WITHDRAWN


def test_a_ballot_that_only_the_phone_cast_becomes_the_persons() -> None:
    bench = opened(BY_SMS)
    bench.turn(by_sms(PHONE, vote("o2"), 1))
    link(bench)
    assert picked(bench, APP) == "o2"
    acked(bench.give(APP, vote("o1"), 60))
    assert counted(bench) == {("o1", "audience:web"): 1}


def test_where_a_vote_is_final_the_first_counts() -> None:
    bench = opened(replace(BY_SMS, change=Change.NEVER))
    bench.turn(by_sms(PHONE, vote("o2"), 1))
    bench.give(APP, vote("o1"), 2)
    link(bench)
    assert counted(bench) == {("o2", "audience:sms"): 1}
    assert code(bench.give(APP, vote("o1"), 60)) == "vote_is_final"


def test_a_closed_round_keeps_its_result() -> None:
    bench = opened(BY_SMS)
    bench.give(APP, vote("o1"), 1)
    bench.turn(by_sms(PHONE, vote("o2"), 2))
    bench.give(MODERATOR, CloseRound(ROUND), 3)
    before = bench.state.rounds[ROUND]
    acked(link(bench))
    assert bench.last is not None
    assert not bench.last.turn.ballots
    assert bench.state.rounds[ROUND] == before


def test_the_phone_is_told_that_it_is_somebody_else_by_then() -> None:
    bench = opened(BY_SMS)
    link(bench)
    (answer,) = bench.turn(by_sms(PHONE, vote("o2"), 60))
    assert code(answer) == "participant_linked"
    assert picked(bench, PHONE) == WITHDRAWN


def test_linking_again_changes_nothing_and_linking_elsewhere_is_refused() -> None:
    bench = opened(BY_SMS)
    link(bench)
    acked(link(bench))
    assert bench.events == []
    again = LinkParticipants(PHONE.participant_id, MODERATOR.participant_id)
    assert code(link(bench, command=again)) == "already_linked"
    assert code(link(bench, command=LinkParticipants("p-dana", "p-dana"))) == "already_linked"
    assert (
        code(link(bench, command=LinkParticipants("p-nobody", "p-dana"))) == "unknown_participant"
    )


def test_a_link_to_who_was_linked_before_goes_to_who_stays() -> None:
    bench = opened(BY_SMS)
    third = person("ann")
    bench.roles = {**bench.roles, third.participant_id: "fan"}
    link(bench)
    into_gone = LinkParticipants(third.participant_id, PHONE.participant_id)
    bench.turn(by_sms(third, vote("o2"), 5))
    assert acked(link(bench, command=into_gone)) == {"participant_id": APP.participant_id}
    assert picked(bench, APP) == "o2"


def test_who_turned_out_to_be_three_people_is_found_however_it_is_said() -> None:
    bench = opened(BY_SMS)
    second, last = person("ann"), person("kim")
    for who in (second, last):
        bench.roles = {**bench.roles, who.participant_id: "fan"}
    link(bench)
    acked(link(bench, command=LinkParticipants(APP.participant_id, second.participant_id)))
    acked(link(bench, command=LinkParticipants(second.participant_id, last.participant_id)))
    stays = {"participant_id": last.participant_id}
    assert acked(link(bench)) == stays, "a text that comes again says what was true then"
    assert bench.events == []

    fresh = person("bo")
    bench.roles = {**bench.roles, fresh.participant_id: "fan"}
    bench.turn(by_sms(fresh, vote("o2"), 5))
    into_gone = LinkParticipants(fresh.participant_id, APP.participant_id)
    assert acked(link(bench, command=into_gone)) == stays
    assert picked(bench, last) == "o2"
    circle = LinkParticipants(last.participant_id, APP.participant_id)
    assert code(link(bench, command=circle)) == "already_linked"


def test_nobody_but_setroom_itself_links() -> None:
    bench = opened(BY_SMS)
    for who in (APP, MODERATOR, ARTIST):
        assert code(bench.give(who, LINK)) == "not_allowed"


def test_only_crew_learns_of_it() -> None:
    bench = opened(BY_SMS)
    link(bench)
    assert bench.last is not None
    (event,) = bench.last.turn.events
    assert event.participant_id == SYSTEM.participant_id
    assert event.data_for(crew=True) == ParticipantsLinked("p-lee", "p-dana")
    assert event.data_for(crew=False) == CrewOnly()


def test_who_was_removed_does_not_come_back_as_somebody_else() -> None:
    bench = opened(BY_SMS)
    acked(bench.give(MODERATOR, RemoveParticipant(PHONE.participant_id)))
    assert code(link(bench)) == "removed"


def test_a_mute_holds_for_the_person() -> None:
    bench = opened(BY_SMS)
    acked(bench.give(MODERATOR, MuteParticipant(PHONE.participant_id, 600)))
    link(bench)
    assert code(bench.give(APP, RequestSong(title="Bertha"), 60)) == "muted"


def test_a_jurors_phone_votes_as_the_juror() -> None:
    bench = opened(BY_SMS)
    acked(bench.give(MODERATOR, SetJury((APP.participant_id,))))
    bench.turn(by_sms(PHONE, vote("o2"), 1))
    link(bench)
    assert counted(bench) == {("o2", "jury:sms"): 1}


def test_requests_count_as_one_persons() -> None:
    bench = Bench()
    bench.standings = {}
    for number in range(limits.SONG_REQUESTS_PER_PARTICIPANT):
        title = ("Althea", "Bertha", "Cassidy", "Deal", "Eyes", "Franklin", "Greatest")[number]
        bench.turn(by_sms(PHONE, RequestSong(title=title), number))
    link(bench)
    assert code(bench.give(APP, RequestSong(title="Ripple"), 60)) == "too_many_song_requests"
    assert {one.participant_id for one in bench.state.memory.song_requests.values()} == {"p-dana"}


def test_support_of_one_request_counts_once() -> None:
    bench = Bench()
    wish = acked(bench.give(APP, RequestSong(title="Althea")))["song_request_id"]
    assert isinstance(wish, str)
    bench.turn(by_sms(PHONE, UpvoteSongRequest(wish), 1))
    assert bench.state.stances[StanceKind.UPVOTE, wish] == {(1, ""): 2}
    link(bench)
    assert {key: n for key, n in bench.state.stances[StanceKind.UPVOTE, wish].items() if n} == {
        (1, ""): 1
    }


def test_a_round_for_phones_takes_the_persons_web_votes() -> None:
    bench = opened(config(who=Who(("web", "sms"), Identity.PHONE)))
    assert code(bench.give(APP, vote("o1"), 1)) == "phone_required"
    link(bench)
    bench.standings = {"p-dana": Standing("p-dana", "fan", phone_confirmed=True)}
    acked(bench.give(APP, vote("o1"), 60))


steps = st.lists(
    st.tuples(
        st.sampled_from(["app", "phone", "link"]),
        st.sampled_from(["o1", "o2", "withdraw"]),
        st.integers(0, 60),
    ),
    min_size=1,
    max_size=8,
)


@given(steps=steps, change=st.sampled_from(list(Change)), together=st.booleans())
@settings(max_examples=300, deadline=None)
def test_after_any_order_of_votes_and_link_a_person_has_one_counted_ballot(
    steps: list[tuple[str, str, int]], change: Change, together: bool
) -> None:
    bench = opened(replace(BY_SMS, change=change))
    said: list[tuple[int, str]] = []
    commands = []
    for who, what, at_s in steps:
        said.append((at_s, what))
        command: AnyCommand = WithdrawVote(ROUND) if what == "withdraw" else vote(what)
        if who == "link":
            commands.append(by_system(LINK, after(at_s), new_id()))
        elif who == "phone":
            commands.append(replace(envelope(PHONE, command, at_s), channel=Channel.SMS))
        else:
            commands.append(envelope(APP, command, at_s))
    commands.append(by_system(LINK, after(61), new_id()))
    if together:
        bench.turn(*commands)
    else:
        for command_ in commands:
            bench.turn(command_)
    assert sum(counted(bench).values()) <= 1
    assert picked(bench, PHONE) == WITHDRAWN
    assert bool(picked(bench, APP)) == (sum(counted(bench).values()) == 1)
    recount = [one.voter_class for one in bench.ballots.values() if one.pattern != WITHDRAWN]
    assert sorted(key[1] for key in counted(bench)) == sorted(recount)
