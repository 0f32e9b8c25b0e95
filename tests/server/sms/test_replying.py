"""In which language a phone is answered, and how often."""

from __future__ import annotations

import pytest

from rooms import limits
from rooms.sms.languages import Language
from server.sms.page_texts import PAGE_TEXTS
from server.sms.replying import Paces, is_phone, language_of
from server.sms.twiml import SILENCE, segments_in, twiml


@pytest.mark.parametrize(
    ("number", "body", "language"),
    [
        ("+12015550123", "JOIN ABC234", Language.EN),
        ("+12015550123", "Únirse ABC234", Language.ES),
        ("+34612345678", "JOIN ABC234", Language.ES),
        ("+5215512345678", "", Language.ES),
        ("+33612345678", "", Language.FR),
        ("+4915112345678", "rejoindre ABC234", Language.FR),
        ("+436641234567", "", Language.DE),
        ("+819012345678", "", Language.EN),
        ("+9991234567", "", Language.EN),
    ],
)
def test_the_language_of_who_has_chosen_none(number: str, body: str, language: Language) -> None:
    assert language_of(number, body) is language


def test_a_number_needs_a_country() -> None:
    assert is_phone("+12015550123")
    assert is_phone("+5215512345678"), "as WhatsApp writes Mexican numbers"
    assert not is_phone("+9991234567")


def test_a_phone_is_answered_some_times_at_once_and_then_now_and_then() -> None:
    paces = Paces()
    answered = [paces.take(b"one", 0.0) for _ in range(limits.SMS_REPLIES_PER_PHONE_BURST + 1)]
    assert answered == [True] * limits.SMS_REPLIES_PER_PHONE_BURST + [False]
    assert paces.take(b"two", 0.0)
    assert paces.take(b"one", limits.SMS_REPLIES_PER_PHONE_S + 0.001)
    assert not paces.take(b"one", limits.SMS_REPLIES_PER_PHONE_S + 0.001)


def test_twiml_escapes_what_people_have_written() -> None:
    assert twiml("a < b & \x0bc\x00").endswith(
        "<Response><Message>a &lt; b &amp; c</Message></Response>"
    )
    assert SILENCE.endswith("<Response />")


def test_what_is_answered_is_counted_in_segments() -> None:
    assert segments_in(SILENCE) == 0
    assert segments_in(twiml("<&>" * 53)) == 1, "as it is read, not as XML writes it"
    assert segments_in(twiml("a" * 161, "one more", "¿qué? 你好")) == 4


def test_the_page_says_everything_in_every_language() -> None:
    keys = {language: set(texts) for language, texts in PAGE_TEXTS.items()}
    assert set(PAGE_TEXTS) == set(Language)
    assert len({frozenset(one) for one in keys.values()}) == 1
    for texts in PAGE_TEXTS.values():
        assert "{number}" in texts["ask.lead"]
        assert "{show}" in texts["ask.lead"]
