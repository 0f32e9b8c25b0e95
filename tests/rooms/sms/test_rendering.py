"""Replies: every situation in every language, one segment each."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sms.specimens import Specimen, specimens
from rooms.sms import gsm7
from rooms.sms import replies as said
from rooms.sms.choosing import Fault
from rooms.sms.consent import CONSENT_WORDING_VERSION, MESSAGES_PER_SHOW_MAX, wording_hash
from rooms.sms.fitting import CUT, NAME_UNITS_MIN, UCS2_SEGMENTS_MAX
from rooms.sms.languages import OWN_NAMES, Language, language_called
from rooms.sms.rendering import REFUSALS, refusal, render
from rooms.sms.replies import Choice
from rooms.sms.segments import Encoding, segments
from rooms.sms.texts import TEXTS
from rooms.vote_config import Pick, VoteType
from tests.rooms.sms.ballots import POINTS, SINGLE, UPDOWN

ROOT = Path(__file__).parents[3]

WORDINGS = {
    "2026-11-22": "84e45d066ee9b7b15078f8a04156cb1276dd78dc40ec11dd5f13c64e6abbcd79",
}
"""Every version of the consent's words. A changed text needs a new version: add it here."""


def fields_of(text: str) -> list[str]:
    """Placeholders of a text."""
    return sorted(field for _, field, _, _ in string.Formatter().parse(text) if field)


@pytest.mark.parametrize("language", Language)
def test_every_language_says_everything_with_the_same_placeholders(language: Language) -> None:
    english = TEXTS[Language.EN]
    assert list(TEXTS[language]) == list(english)
    for key, text in TEXTS[language].items():
        assert fields_of(text) == fields_of(english[key]), key


@pytest.mark.parametrize("language", Language)
def test_our_words_are_in_the_gsm_alphabet(language: Language) -> None:
    for key, text in TEXTS[language].items():
        missing = [sign for sign in text if gsm7.septets(sign) is None]
        assert not missing, f"{key}: {missing}"
        assert not set(re.sub(r"\{\w+\}", "", text)) & gsm7.EXTENSION, key


@pytest.mark.parametrize("specimen", specimens(), ids=lambda one: one.name)
@pytest.mark.parametrize("language", Language)
def test_every_text_is_one_segment(specimen: Specimen, language: Language) -> None:
    for reply in (specimen.usual, specimen.longest):
        text = render(reply, language)
        told = segments(text)
        assert (told.encoding, told.count) == (Encoding.GSM7, 1), text
        assert "{" not in text and "  " not in text


@pytest.mark.parametrize("language", Language)
def test_usual_names_are_told_in_full(language: Language) -> None:
    for specimen in specimens():
        text = render(specimen.usual, language)
        assert CUT not in text.replace("...", ""), text


def test_every_situation_has_a_specimen() -> None:
    shown = {type(one) for specimen in specimens() for one in (specimen.usual, specimen.longest)}
    assert shown == set(said.AnyReply.__args__)


def test_every_text_is_said_by_some_specimen() -> None:
    """No words that nobody gets to read."""
    english = TEXTS[Language.EN]
    texts = [render(one, Language.EN) for s in specimens() for one in (s.usual, s.longest)]
    extra = [said.TooManyPicks(3), said.VoteFaulty(Fault.TWICE, VoteType.APPROVAL, ())]
    extra += [said.VoteFaulty(Fault.TWICE, VoteType.UPDOWN, ())]
    texts += [render(reply, Language.EN) for reply in extra]
    for key, template in english.items():
        literal = [part for part, _, _, _ in string.Formatter().parse(template) if part.strip()]
        assert any(all(part in text for part in literal) for text in texts), key


# --- the first reply --------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
def test_the_first_reply_says_what_it_must(language: Language) -> None:
    for show in ("Barton Hall", "W" * 200):
        text = render(said.Joined(show), language)
        assert text.startswith("Setroom")
        assert str(MESSAGES_PER_SHOW_MAX) in text
        assert "HELP" in text and "STOP" in text and "CONFIRM" in text
    assert "Msg & data rates may apply" in render(said.Joined("Barton Hall"), Language.EN)


@pytest.mark.parametrize("language", Language)
def test_what_comes_unasked_says_how_it_ends(language: Language) -> None:
    for specimen in specimens():
        if specimen.name.startswith(("NUDGE", "RESULTS", "RECAP", "CONFIRM, a", "BROADCAST")):
            assert "STOP" in render(specimen.longest, language)


def test_a_changed_consent_is_a_new_version() -> None:
    assert WORDINGS[CONSENT_WORDING_VERSION] == wording_hash(TEXTS)
    assert len(set(WORDINGS.values())) == len(WORDINGS)


def test_another_word_is_another_hash() -> None:
    changed = {**TEXTS, Language.DE: TEXTS[Language.DE] | {"joined": "Hallo {show}"}}
    other = {**TEXTS, Language.DE: TEXTS[Language.DE] | {"busy": "Moment"}}
    assert wording_hash(changed) != wording_hash(TEXTS) == wording_hash(other)


# --- names ------------------------------------------------------------------------------------


def test_a_vote_names_the_choice() -> None:
    taken = said.VoteTaken(VoteType.SINGLE, said.choices_of(SINGLE, (Pick("o2"),)))
    assert render(taken, Language.EN) == "Got it: 2 Blue Sky. Text again to change it."
    final = said.VoteTaken(VoteType.SINGLE, taken.choices, final=True)
    assert render(final, Language.EN) == "Got it: 2 Blue Sky."


def test_points_and_signs_are_told() -> None:
    points = said.choices_of(POINTS, (Pick("o1", 3), Pick("o2", 1)))
    given_points = render(said.VoteTaken(VoteType.POINTS, points), Language.EN)
    assert given_points.startswith("Got it: 1 Truckin'=3, 2 Blue Sky=1.")
    signs = said.choices_of(UPDOWN, (Pick("o1", 1), Pick("o2", -1)))
    assert render(said.VoteTaken(VoteType.UPDOWN, signs), Language.EN).startswith(
        "Got it: +1 Truckin', -2 Blue Sky."
    )


def test_asking_back_offers_numbers() -> None:
    one = said.DidYouMean((Choice("2", "Blue Sky"),))
    assert render(one, Language.EN) == "Did you mean 2 Blue Sky? Text 2."
    three = said.DidYouMean((Choice("1", "A"), Choice("2", "B"), Choice("3", "C")))
    assert render(three, Language.EN) == "Did you mean 1 A, 2 B or 3 C? Text 1 or 2 or 3."
    assert render(one, Language.ES) == "¿Quieres decir 2 Blue Sky? Responde 2."


def test_a_fault_shows_the_options_where_they_fit() -> None:
    fault = said.VoteFaulty(Fault.NO_SUCH_OPTION, VoteType.SINGLE, said.choices_of(SINGLE), 9)
    text = render(fault, Language.EN)
    assert text.startswith("There is no 9. Text one number. 1 Truckin', 2 Blue Sky")
    assert "6 Rock and Roll" in text


def test_of_two_names_only_the_long_one_suffers() -> None:
    text = render(said.NoOpenRound("Barton Hall", "W" * 200), Language.EN)
    assert "Barton Hall" in text and CUT in text


@pytest.mark.parametrize(
    ("show", "said_of_it"),
    [
        ("Barton Hall, Cornell University", "te uniste a Barton Hall, Cornell!"),
        ("Sugar Magnolia in the Springtime", "te uniste a Sugar Magnolia!"),
        ("Grateful Dead at Barton Hall", "te uniste a Grateful Dead!"),
        ("The Incomprehensibilities of Spring", "te uniste a The Incomprehensib..!"),
    ],
)
def test_a_shows_name_is_cut_between_words(show: str, said_of_it: str) -> None:
    text = render(said.Joined(show), Language.ES)
    assert said_of_it in text
    assert segments(text).count == 1


def test_a_choice_never_passes_for_another_that_it_begins_like() -> None:
    choices = (Choice("1", "Dark Star " + "again " * 30), Choice("2", "Dark Star"))
    text = render(said.DidYouMean(choices), Language.EN)
    assert CUT in text and text.index(CUT) < text.index("2 Dark Star")


def test_names_too_many_to_tell_are_told_by_number() -> None:
    many = tuple(Choice(str(n), "W" * 100) for n in range(1, 21))
    text = render(said.VoteTaken(VoteType.APPROVAL, many), Language.EN)
    assert text.startswith("Got it: 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20.")


def test_another_script_is_kept_and_costs_more() -> None:
    text = render(said.SongRequested("Группа крови"), Language.EN)
    assert "Группа крови" in text
    assert segments(text).encoding is Encoding.UCS2
    told = segments(render(said.Joined("Ж" * 200), Language.EN))
    assert (told.encoding, told.count) == (Encoding.UCS2, UCS2_SEGMENTS_MAX)


def test_ornaments_cost_nothing() -> None:
    text = render(said.SongRequested("🔥 “Don’t Stop…” 🔥"), Language.EN)
    assert text.startswith('Requested: "Don\'t Stop...".')
    assert segments(text) == segments(text.replace("🔥", ""))


NAMES = st.text(max_size=220).filter(lambda name: "\n" not in name and "\r" not in name)


@given(NAMES, NAMES, st.sampled_from(Language))
def test_whatever_names_there_are_the_reply_stays_small(
    show: str, title: str, language: Language
) -> None:
    choices = (Choice("1", title), Choice("2", show))
    for reply in (
        said.Joined(show),
        said.NoOpenRound(show, title),
        said.VoteTaken(VoteType.APPROVAL, choices),
        said.DidYouMean(choices),
        said.Results(show, title, title),
    ):
        told = segments(render(reply, language))
        most = 1 if told.encoding is Encoding.GSM7 else UCS2_SEGMENTS_MAX
        assert told.count <= most


@given(st.text(alphabet="aé€[", min_size=1, max_size=200))
def test_a_cut_name_is_a_beginning(name: str) -> None:
    text = render(said.CodeUnknown("X"), Language.EN)
    assert text
    told = render(said.ShowOver(name), Language.EN)
    label = told.removesuffix(" is over. Thanks for being there!")
    assert label == name or (label.endswith(CUT) and name.startswith(label.removesuffix(CUT)))
    assert len(label) >= min(len(name), NAME_UNITS_MIN // 2)


# --- refusals ---------------------------------------------------------------------------------


def test_every_refusal_that_a_text_can_meet_has_words_of_its_own() -> None:
    """Codes in the source of what a vote and a song request go through."""
    met = set()
    for name in ("votes", "song_requests", "turn", "word_filter"):
        source = (ROOT / "rooms" / "decide" / f"{name}.py").read_text(encoding="utf-8")
        met |= set(re.findall(r'Refused\(\s*"(\w+)"', source))
        met |= {f"unknown_{what}" for what in re.findall(r'unknown\("(\w+)"\)', source)}
        met |= {"not_allowed"} if "not_allowed(" in source else set()
    by_web_only = {
        "no_vote",  # taking a vote back
        "invalid_arguments",
        "song_request_decided",  # by id
        "unknown_song_request",
        "unknown_song",
        "unknown_participant",
        "round_closed",  # VoteLate
        "show_cancelled",
        "participant_linked",  # Busy
    }
    assert met - by_web_only <= set(REFUSALS)


def test_errors_become_replies() -> None:
    assert refusal("round_closed", retryable=False) == said.VoteLate()
    limited = refusal("rate_limited", retryable=True, retry_after_s=12.3)
    assert limited == said.RateLimited(13)
    assert refusal("room_busy", retryable=True) == said.Busy()
    # Linked while the text was under way: the next one acts as the attendee that survived.
    assert refusal("participant_linked", retryable=False) == said.Busy()
    assert refusal("vote_is_final", retryable=False) == said.RefusedBy("vote_is_final")
    unheard_of = render(refusal("unheard_of", retryable=False), Language.EN)
    assert unheard_of == TEXTS[Language.EN]["refused"]


# --- languages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoken", "language"),
    [
        ("es", Language.ES),
        ("ES-mx", Language.ES),
        ("español", Language.ES),
        ("Französisch", Language.FR),
        ("français", Language.FR),
        ("German", Language.DE),
        ("english please", Language.EN),
        ("klingon", None),
        ("", None),
    ],
)
def test_languages_are_called_by_code_or_name(spoken: str, language: Language | None) -> None:
    assert language_called(spoken) is language


def test_every_language_is_called_by_its_own_name() -> None:
    assert {language_called(name): name for name in OWN_NAMES.values()} == OWN_NAMES
