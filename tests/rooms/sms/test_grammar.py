"""What a text says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms import limits
from rooms.sms import keywords
from rooms.sms.grammar import parse, possible_join_code
from rooms.sms.intents import (
    AnyIntent,
    ChangeLanguage,
    Confirm,
    Help,
    Join,
    RequestSong,
    Score,
    Start,
    Stop,
    Unknown,
    Unreadable,
    Vote,
)
from rooms.sms.normalising import readable, words_of

DOMAIN_STOP = "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split()


@pytest.mark.parametrize("word", DOMAIN_STOP)
@pytest.mark.parametrize("around", ["{}", " {} ", "{}.", "{}!!!", "“{}”", "{} please", "Please {}"])
def test_every_word_of_the_carriers_stops(word: str, around: str) -> None:
    for written in (word, word.lower(), word.title()):
        assert parse(around.format(written)) == Stop()


@pytest.mark.parametrize(
    "body",
    [
        "ＳＴＯＰ",  # full width
        "STOP 🛑",
        "s\u200btop",  # a zero-width space
        "stop texting me",
        "Stop sending me these messages!",
        "STOP ALL",
        "stop stop stop",
        "opt out",
        "opt-out",
        "Un-subscribe",
        "unsubscribe me",
        "don't text me",
        "Don’t text me anymore.",
        "no more texts please",
        "remove me from this list",
        "Reply STOP",
        "alto",
        "¡Basta!",
        "No más mensajes",
        "dar de baja",
        "arrêt",
        "ARRET",
        "Arrêter svp",
        "stopp",
        "Bitte abmelden",
        "keine Nachrichten mehr",
        "STOP\n\nSent from my phone",
        "stop\nJane Doe",
        "ok stop thank you",
        "stop por favor",
        "stop s'il vous plaît",
    ],
)
def test_clear_phrases_stop(body: str) -> None:
    assert parse(body) == Stop()


@pytest.mark.parametrize(
    "title",
    [
        "Stop! In the Name of Love",
        "Don't Stop",
        "Don't Stop Believin'",
        "Who'll Stop The Rain",
        "Does This Bus Stop At 82nd Street?",
        "Stop This Train",
        "Stop Your Sobbing",
        "Stop Draggin' My Heart Around",
        "The End",
        "The End Of The Innocence",
        "End of the Line",
        "Caution (Do Not Stop On Tracks)",
        "I'd Do Anything For Love",
        "Help Me",
        "Heaven Help The Fool",
        "Can't Help Falling In Love",
        "Start Me Up",
        "Yes It Is",
        "Leave Me Alone",
        "Informer",
        "Scores of Rivers",
        "Gentlemen Start Your Engines",
        "Quit Playing Games",
        "Cancel the Wedding",
        "Basta Ya de Rumores",
        "Alto el Fuego",
    ],
)
def test_titles_are_titles(title: str) -> None:
    assert parse(title) == Vote(title, explicit=False)
    assert parse(f"VOTE {title}") == Vote(title, explicit=True)
    assert parse(f"REQ {title}") == RequestSong(title)


def test_a_song_called_stop_is_voted_for_by_saying_so() -> None:
    assert parse("Stop") == Stop()
    assert parse("vote stop") == Vote("stop", explicit=True)
    assert parse("REQ Stop") == RequestSong("Stop")


@pytest.mark.parametrize(
    ("bodies", "intent"),
    [
        (
            ["HELP", "help!", "Info", "help please", "I need help", "?", "ayuda", "AIDE", "Hilfe"],
            Help(),
        ),
        (["START", "unstop", "Start please", "start again"], Start()),
        (["SCORE", "score?", "Zwischenstand", "marcador"], Score()),
    ],
)
def test_words_that_stand_alone(bodies: list[str], intent: AnyIntent) -> None:
    assert [parse(body) for body in bodies] == [intent] * len(bodies)


@pytest.mark.parametrize(
    "body",
    [
        "JOIN ABC234",
        "join abc234",
        "  Join   abc234 . ",
        "JOIN: abc-234",
        "join abc 234",
        "join “abc234”",
        "JOIN #ABC234!",
        "join abc234 please",
        "please join abc234",
        "join code abc234",
        "JOIN the show abc234",
        "join ａｂｃ２３４",
        "join abc２３４",
        "JOIN JOIN abc234",
        "JOIN abc234 JOIN ABC-234",
        "JOIN ABC234\nJOIN ABC234",
        "JOIN\nABC234",
        'Text "JOIN ABC234" to +1 555 010 0199',
        "join abc234 hi this is Bob",
        "unirme abc234",
        "beitreten ABC234",
        "rejoindre abc234",
        "join abc 2️⃣3️⃣4️⃣",
    ],
)
def test_join_says_one_code_however_it_is_typed(body: str) -> None:
    assert parse(body) == Join("ABC234")


@pytest.mark.parametrize("body", ["join", "JOIN!", "Join please", "join abc234 join def567"])
def test_join_without_one_code(body: str) -> None:
    assert parse(body) == Join(None)


def test_what_is_no_code_is_told_back_in_part() -> None:
    assert parse("join " + "x" * 200) == Join("X" * limits.SMS_CODE_CHARACTERS_MAX)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("CONFIRM", None),
        ("confirm!", None),
        ("Confirm please", None),
        ("confirm my phone", None),
        ("YES", None),
        ("yes yes", None),
        ("Sí", None),
        ("oui s'il vous plaît", None),
        ("Ja bitte", None),
        ("bestätigen", None),
        ("CONFIRM 482913", "482913"),
        ("confirm 482 913", "482913"),
        ("Confirm: 482-913.", "482913"),
        ("confirm code 482913 thanks", "482913"),
        ("yes 482913", "482913"),
        ("482913", "482913"),
        ("482 913", "482913"),
        ("٤٨٢٩١٣", "482913"),
        ("confirmer 482913", "482913"),
        ("confirm abc", "ABC"),
    ],
)
def test_confirm(body: str, code: str | None) -> None:
    assert parse(body) == Confirm(code, readable(body))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("1", "1"),
        ("1️⃣", "1⃣"),
        ("🔟", "10"),
        ("１", "1"),
        ("①", "1"),
        ("❷", "2"),
        ("٣", "3"),
        ("۳", "3"),
        ("३", "3"),
        ("𝟑", "3"),
        ("1, 3", "1, 3"),
        ("1、3", "1、3"),
        ("#2", "#2"),
        ("vote 1", "1"),
        ("VOTE: 2", "2"),
        ("Vote2", "2"),
        ("vote -2 +1", "-2 +1"),
        ("Please vote 2", "2"),
        ("votar 2", "2"),
        ("Stimme 2", "2"),
        ("+1 −2", "+1 -2"),
        ("👍1 👎🏽2", "+1 -2"),
        ("1\n3", "1, 3"),
        ("vote", ""),
    ],
)
def test_numbers_and_vote_can_only_be_votes(body: str, text: str) -> None:
    assert parse(body) == Vote(text, explicit=True)


@pytest.mark.parametrize("body", ["no. 2", "Blue Sky", "option 2", "1 and 3", "2 please"])
def test_anything_else_may_be_the_name_of_an_option(body: str) -> None:
    assert parse(body) == Vote(body, explicit=False)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("REQ Blue Sky", "Blue Sky"),
        ("req: “Blue Sky”", "Blue Sky"),
        ("Req Please Please Please", "Please Please Please"),
        ("request  Sigur   Rós – Hoppípolla", "Sigur Rós – Hoppípolla"),
        ("REQ\nBlue Sky", "Blue Sky"),
        ("REQ 1999", "1999"),
        ("REQ 'Round Midnight", "'Round Midnight"),
        ("REQ «Blue Sky»", "Blue Sky"),
        ("wunsch 99 Luftballons", "99 Luftballons"),
        ("REQ", ""),
    ],
)
def test_requests_keep_the_title_as_it_was_typed(body: str, title: str) -> None:
    assert parse(body) == RequestSong(title)


@pytest.mark.parametrize(
    ("body", "said"), [("LANG es", "es"), ("language: Deutsch.", "Deutsch"), ("idioma", "")]
)
def test_language(body: str, said: str) -> None:
    assert parse(body) == ChangeLanguage(said)


@pytest.mark.parametrize(
    ("body", "media", "location", "reason"),
    [
        ("", 0, False, Unreadable.EMPTY),
        (" \n\t\u200b", 0, False, Unreadable.EMPTY),
        ("", 1, False, Unreadable.MEDIA),
        ("", 0, True, Unreadable.LOCATION),
        ("👍🎉", 0, False, Unreadable.NO_WORDS),
        ("...", 1, False, Unreadable.NO_WORDS),
        ("x" * 400, 0, False, Unreadable.TOO_LONG),
    ],
)
def test_what_says_nothing_is_unknown_with_a_reason(
    body: str, media: int, location: bool, reason: Unreadable
) -> None:
    assert parse(body, media=media, location=location) == Unknown(reason)


def test_words_beside_a_picture_are_read() -> None:
    assert parse("2", media=1) == Vote("2", explicit=True)


def test_the_order_is_that_of_the_grammar() -> None:
    assert parse("stop help") == Vote("stop help", explicit=False)
    assert parse("join stop") == Join("STOP")
    assert parse("confirm stop") == Confirm("STOP", "confirm stop")


@pytest.mark.parametrize(
    ("text", "code"),
    [("abc234", "ABC234"), ("ABC-234", "ABC234"), ("abc", None), ("Blue Sky", None)],
)
def test_a_text_that_may_be_a_code(text: str, code: str | None) -> None:
    assert possible_join_code(text) == code


def test_keywords_are_written_as_texts_are_compared() -> None:
    for word in keywords.ALL | keywords.STOP_OBJECTS | keywords.COURTESY | keywords.CODE_LEADS:
        assert words_of(readable(word)) == [word]
    for phrase in keywords.STOP_PHRASES | set(keywords.COURTEOUS_PHRASES):
        assert " ".join(words_of(readable(phrase))) == phrase


@given(st.text(max_size=200))
def test_every_text_is_some_intent_and_readable_twice_is_readable(body: str) -> None:
    intent = parse(body)
    assert intent == parse(body)
    once = readable(body)
    assert readable(once) == once


@given(
    st.sampled_from(DOMAIN_STOP),
    st.text(alphabet=" \t.!?,;:'\"-–“”🛑\u200b", max_size=6),
    st.text(alphabet=" \t.!?,;:'\"-–“”🛑\u200b", max_size=6),
)
def test_nothing_around_a_stop_word_takes_it_back(word: str, before: str, after: str) -> None:
    assert parse(before + word + after) == Stop()


@given(st.sampled_from(sorted(keywords.STOP)), st.sampled_from(["", " please", "!", " now"]))
def test_a_stop_word_of_any_language_stops(word: str, after: str) -> None:
    assert parse(word + after) == Stop()
