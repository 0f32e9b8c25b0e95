"""What broadcasts say, whom they reach, and what speaks against them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rooms import limits
from rooms.messaging.audience import CREW_MESSAGES_MAX, Recipient, dedupe_key_of, judge
from rooms.messaging.broadcasts import Audience, Broadcast, BroadcastState
from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.masking import masked_mail, masked_number
from rooms.messaging.ports import Listed
from rooms.messaging.previews import Reach, too_many, untimely
from rooms.messaging.reconciling import Comparing
from rooms.messaging.states import MessageState
from rooms.messaging.stories import OpenRound, Story, Won, link_of
from rooms.messaging.texts import problems_of, text_of
from rooms.messaging.windows import ShowNight
from rooms.show import ShowStatus
from rooms.sms.languages import Language
from rooms.sms.segments import Encoding, segments

NOW = datetime(2027, 5, 8, 18, tzinfo=UTC)  # 14:00 in New York
LINK = "https://setroom.example/j/ABC234"
EN, ES, DE = Language.EN, Language.ES, Language.DE


def story(status: ShowStatus = ShowStatus.LIVE, **changes: Any) -> Story:
    values: dict[str, Any] = {
        "show_id": "show",
        "title": "Barton Hall",
        "artist": "The Dead",
        "slug": "barton-hall",
        "join_code": "ABC234",
        "takes_sms": True,
        "night": ShowNight(
            status=status, starts_at=NOW - timedelta(hours=2), zone="America/New_York"
        ),
        "won": (Won("Encore?", "Ripple"),),
        "round": OpenRound("Encore?", True, True),
    }
    return Story(**(values | changes))


def recipient(**changes: Any) -> Recipient:
    values: dict[str, Any] = {
        "place": "1",
        "person_id": "p1",
        "channel": Channel.SMS,
        "language": "en",
        "number": "+12015550123",
    }
    return Recipient(**(values | changes))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    "kind", [MessageKind.NUDGE, MessageKind.RESULTS, MessageKind.RECAP], ids=str
)
def test_our_own_texts_are_one_segment_in_every_language_and_say_how_to_stop(
    kind: MessageKind, language: Language
) -> None:
    text = text_of(kind, language, story(), LINK, {})

    assert segments(text).count == 1
    assert segments(text).encoding is Encoding.GSM7
    assert "Barton Hall" in text
    assert "STOP" in text


def test_results_of_several_rounds_are_told_by_the_page() -> None:
    several = story(won=(Won("Opener", "Sugaree"), Won("Encore?", "Ripple")))

    assert LINK in text_of(MessageKind.RESULTS, EN, several, LINK, {})
    assert "Ripple won Encore?" in text_of(MessageKind.RESULTS, EN, story(), LINK, {})


def test_crews_words_stand_between_the_show_and_how_to_stop() -> None:
    text = text_of(
        MessageKind.BROADCAST, EN, story(), LINK, {EN: "Doors of {title} at 7:\n {artist} {link}"}
    )

    assert text.startswith("Barton Hall: Doors of Barton Hall at 7: The Dead " + LINK)
    assert "STOP" in text


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("Doors at seven", "Doors at seven. STOP"),
        ("Doors at seven!", "Doors at seven! STOP"),
        ("Doors of {title}", "Doors of Barton Hall. STOP"),
        # A full stop would be taken for a part of it.
        ("All of it: {link}", f"All of it: {LINK} STOP"),
    ],
)
def test_crews_words_end_before_ours_begin(words: str, ends: str) -> None:
    assert ends in text_of(MessageKind.BROADCAST, EN, story(), LINK, {EN: words})


def test_a_curly_quote_does_not_make_a_text_one_of_seventy_places() -> None:
    words = "Don’t miss the “secret” set – it’s on at eleven, behind the barn. " * 2

    text = text_of(MessageKind.BROADCAST, EN, story(), LINK, {EN: words})

    assert segments(text).encoding is Encoding.GSM7


def test_whoever_speaks_another_language_gets_english_or_the_first_one_given() -> None:
    words = {ES: "Puertas a las siete", EN: "Doors at seven"}

    assert "Doors at seven" in text_of(MessageKind.BROADCAST, DE, story(), LINK, words)
    assert "Puertas" in text_of(MessageKind.BROADCAST, DE, story(), LINK, {ES: words[ES]})
    # A kind with words of ours says those in their language.
    german = text_of(MessageKind.NUDGE, DE, story(), LINK, {EN: "Vote now"})
    assert german == text_of(MessageKind.NUDGE, DE, story(), LINK, {})


@pytest.mark.parametrize(
    ("texts", "field", "code"),
    [
        ({}, "texts", "required"),
        ({"en": "  \u2800 "}, "texts.en", "empty"),
        ({"xx": "Hello"}, "texts.xx", "unknown_language"),
        ({"en": "Hi {name}"}, "texts.en", "unknown_variable"),
        ({"en": "Hi {round}"}, "texts.en", "unknown_variable"),
        ({"es": "🎸" * 300}, "texts.es", "too_long"),
    ],
)
def test_words_that_cannot_be_sent_are_told_by_their_field(
    texts: dict[str, str], field: str, code: str
) -> None:
    found = problems_of(MessageKind.BROADCAST, texts, story(), LINK)

    assert [(one.field, one.code) for one in found] == [(field, code)]


def test_words_that_say_nothing_can_still_be_looked_at() -> None:
    assert "STOP" in text_of(MessageKind.BROADCAST, EN, story(), LINK, {EN: "   "})


def test_words_with_braces_that_are_no_variable_are_words() -> None:
    assert problems_of(MessageKind.BROADCAST, {"en": "Set {} of {2 3}"}, story(), LINK) == []


def test_the_link_is_as_short_as_it_can_be() -> None:
    assert link_of("https://x.example", story()) == "https://x.example/j/ABC234"
    assert link_of("https://x.example", story(join_code=None)).endswith("/shows/barton-hall")


@pytest.mark.parametrize(
    ("changes", "kind", "against"),
    [
        ({}, MessageKind.BROADCAST, None),
        ({"suppressed": True}, MessageKind.BROADCAST, "suppressed"),
        ({"language": "fr"}, MessageKind.BROADCAST, "other_language"),
        ({"voted": True}, MessageKind.NUDGE, "voted"),
        ({"voted": True}, MessageKind.BROADCAST, None),
        ({"crew_messages": CREW_MESSAGES_MAX}, MessageKind.BROADCAST, "capped"),
        ({"crew_messages": CREW_MESSAGES_MAX - 1}, MessageKind.BROADCAST, None),
        ({"crew_messages": CREW_MESSAGES_MAX}, MessageKind.RESULTS, None),
        (
            {"crew_messages": CREW_MESSAGES_MAX, "channel": Channel.MAIL, "number": None},
            MessageKind.BROADCAST,
            None,
        ),
    ],
)
def test_who_gets_what(changes: dict[str, Any], kind: MessageKind, against: str | None) -> None:
    verdict = judge(kind, ("en", "es"), recipient(**changes), story().night, NOW)

    assert verdict.against == against
    assert (verdict.window is None) is (against is not None)


def test_a_person_on_three_channels_counts_once_by_the_first_that_reaches_them() -> None:
    reach = Reach(MessageKind.BROADCAST, Audience(), story(), NOW)
    reach.add([recipient(suppressed=True), recipient(person_id="p2", language="de")])
    reach.add([recipient(channel=Channel.WHATSAPP)])
    reach.add([recipient(channel=Channel.MAIL, number=None), recipient(person_id="p2")])
    reach.add([recipient(person_id="p3", suppressed=True)])

    assert reach.total == 2
    assert reach.by_text == {(Channel.SMS, DE): 1, (Channel.WHATSAPP, EN): 1}
    assert reach.kept_from("suppressed") == 1


def test_a_nudge_is_unique_for_each_round_and_everything_else_for_each_broadcast() -> None:
    values: dict[str, Any] = {
        "show_id": "show",
        "state": BroadcastState.SENDING,
        "channels": (Channel.SMS,),
        "texts": {},
        "audience": Audience(),
        "dedupe_key": "k",
        "created_at": NOW,
        "send_at": NOW,
        "round_id": "r",
    }
    nudges = [
        Broadcast(broadcast_id=name, kind=MessageKind.NUDGE, **values) for name in ("b1", "b2")
    ]
    words = [
        Broadcast(broadcast_id=name, kind=MessageKind.BROADCAST, **values) for name in ("b1", "b2")
    ]

    assert len({dedupe_key_of(one, "p") for one in nudges}) == 1
    assert len({dedupe_key_of(one, "p") for one in words}) == 2


SMS = (Channel.SMS,)


@pytest.mark.parametrize(
    ("kind", "about", "asks_round", "codes"),
    [
        (MessageKind.NUDGE, story(), True, []),
        (MessageKind.NUDGE, story(), False, ["required"]),
        (MessageKind.NUDGE, story(round=None), True, ["unknown_round"]),
        (MessageKind.NUDGE, story(round=OpenRound("x", False, True)), True, ["round_not_open"]),
        (MessageKind.NUDGE, story(round=OpenRound("x", True, False)), True, ["round_takes_no_sms"]),
        (MessageKind.NUDGE, story(ShowStatus.CLOSED), True, ["show_not_live"]),
        (MessageKind.RESULTS, story(), False, ["show_not_over"]),
        (MessageKind.RESULTS, story(ShowStatus.CLOSED), False, []),
        (MessageKind.RESULTS, story(ShowStatus.CLOSED, won=()), False, ["no_results"]),
        (MessageKind.RECAP, story(), False, ["show_not_over"]),
        (MessageKind.BROADCAST, story(ShowStatus.PUBLISHED), False, []),
        (MessageKind.BROADCAST, story(ShowStatus.DRAFT), False, ["show_not_open"]),
        (MessageKind.BROADCAST, story(ShowStatus.CANCELLED), False, []),
    ],
)
def test_a_kind_has_its_time(
    kind: MessageKind, about: Story, asks_round: bool, codes: list[str]
) -> None:
    assert [one.code for one in untimely(kind, about, SMS, asks_round, NOW)] == codes


def test_long_after_the_show_nothing_goes_any_more() -> None:
    found = untimely(
        MessageKind.BROADCAST, story(ShowStatus.CLOSED), SMS, False, NOW + timedelta(days=4)
    )

    assert [(one.field, one.code) for one in found] == [("send_at", "too_late")]


def test_nobody_and_too_many_are_said() -> None:
    assert [one.code for one in too_many(0)] == ["nobody"]
    assert [one.code for one in too_many(limits.BROADCAST_RECIPIENTS_MAX + 1)] == ["too_many"]
    assert too_many(1) == []


def test_numbers_and_addresses_are_masked() -> None:
    assert masked_number("+12015550123") == "+1 •••• 0123"
    assert masked_number("+4915112345678") == "+49 •••• 5678"
    assert masked_mail("robin@example.org") == "r••••@example.org"


def test_a_comparison_mends_what_moved_on_and_tells_what_contradicts() -> None:
    comparing = Comparing()

    def judged(sid: str, status: str, ours: MessageState | None) -> bool:
        return comparing.judge(Listed(sid, status, None, NOW), ours)

    assert judged("SM1", "delivered", MessageState.SENT)
    assert not judged("SM2", "sent", MessageState.DELIVERED), "never back"
    assert not judged("SM3", "failed", MessageState.SUPPRESSED), "both say no"
    assert not judged("SM4", "failed", MessageState.DELIVERED)
    assert not judged("SM5", "sent", None)
    comparing.miss("SM6")

    assert (comparing.listed, comparing.matched, comparing.mended) == (5, 4, 1)
    assert (comparing.foreign, comparing.absent) == (1, 1)
    assert [(one.what, one.carrier_id) for one in comparing.differences] == [
        ("mended", "SM1"),
        ("contradicts", "SM4"),
        ("foreign", "SM5"),
        ("absent", "SM6"),
    ]


def test_words_that_are_written_plainly_keep_their_distance_from_what_is_filled_in() -> None:
    own = {EN: "Vote – now – for {title} – it’s {link} ó!"}
    said = text_of(MessageKind.BROADCAST, EN, story(), LINK, own)
    assert f"Vote - now - for Barton Hall - it's {LINK} o!" in said
    assert segments(said).encoding is Encoding.GSM7
