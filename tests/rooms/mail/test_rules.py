"""Who gets what, when, and what a report of a mail means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rooms.mail.bounces import SOFT_BOUNCES_MAX, Verdict, suppression_after, verdict_of
from rooms.mail.decisions import (
    Collect,
    Decision,
    Mailbox,
    Purpose,
    Send,
    Suppression,
    Withhold,
    decide,
)
from rooms.mail.digests import next_at, next_times, tells_of_coming
from rooms.mail.kinds import DEFAULTS, Frequency, MailType
from rooms.mail.letters import Results, Words, letter_of, payload_of
from rooms.mail.welcoming import PATIENCE, Decided, Next, Progress, decide_next
from rooms.messaging.kinds import MessageKind

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # a Sunday
ANN = "ann@example.org"


def wants(**frequencies: str) -> Mailbox:
    chosen = {MailType(name): Frequency(every) for name, every in frequencies.items()}
    return Mailbox(ANN, verified=True, frequencies=chosen)


@pytest.mark.parametrize(
    ("kind", "mailbox", "purpose", "expected"),
    [
        (MailType.SECURITY, Mailbox(None), Purpose.USUAL, Withhold("no_address")),
        (MailType.SECURITY, Mailbox(ANN), Purpose.USUAL, Send()),
        (MailType.WELCOME, Mailbox(ANN), Purpose.FIRST_WELCOME, Send()),
        (MailType.WELCOME, Mailbox(ANN), Purpose.USUAL, Withhold("unverified")),
        (MailType.RESULTS, Mailbox(ANN), Purpose.USUAL, Withhold("unverified")),
        (MailType.RESULTS, Mailbox(ANN, True), Purpose.USUAL, Send()),
        (
            MailType.SECURITY,
            Mailbox(ANN, True, Suppression.BOUNCED),
            Purpose.USUAL,
            Withhold("bounced"),
        ),
        (
            MailType.SECURITY,
            Mailbox(ANN, True, Suppression.COMPLAINED),
            Purpose.VERIFICATION,
            Send(),
        ),
        (MailType.RECAP, wants(RECAP="never"), Purpose.USUAL, Withhold("unsubscribed")),
        (MailType.RECAP, wants(RECAP="daily"), Purpose.USUAL, Collect(Frequency.DAILY)),
        (MailType.NEW_SHOW, wants(NEW_SHOW="weekly"), Purpose.USUAL, Collect(Frequency.WEEKLY)),
        (MailType.WELCOME, wants(WELCOME="weekly"), Purpose.USUAL, Send()),
        (MailType.SECURITY, wants(), Purpose.USUAL, Send()),
    ],
)
def test_a_mail_goes_out_waits_or_stays(
    kind: MailType, mailbox: Mailbox, purpose: Purpose, expected: Decision
) -> None:
    assert decide(kind, mailbox, purpose) == expected


def test_everything_but_security_can_be_chosen() -> None:
    assert set(MailType) - set(DEFAULTS) == {MailType.SECURITY}


def test_digests_go_out_in_the_morning_where_somebody_lives() -> None:
    assert next_at(Frequency.DAILY, None, NOW) == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert next_at(Frequency.DAILY, "America/Los_Angeles", NOW) == datetime(
        2026, 11, 22, 17, tzinfo=UTC
    )
    assert next_at(Frequency.WEEKLY, "Europe/Berlin", NOW) == datetime(2026, 11, 26, 8, tzinfo=UTC)
    # Over the change of clocks it stays nine.
    march = datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert next_at(Frequency.DAILY, "Europe/Berlin", march) == datetime(2027, 3, 28, 7, tzinfo=UTC)


def test_a_digest_is_planned_only_where_something_is_wanted_so() -> None:
    usual = next_times(wants(), None, NOW)
    assert (usual.daily_at, usual.weekly_at is not None) == (None, True)
    nothing = next_times(wants(DIGEST="never"), None, NOW)
    assert (nothing.daily_at, nothing.weekly_at) == (None, None)
    both = next_times(wants(RECAP="daily", DIGEST="never", NEW_SHOW="weekly"), None, NOW)
    assert both.daily_at is not None
    assert both.weekly_at is not None


def test_a_digest_stands_in_for_reminders() -> None:
    assert tells_of_coming(wants(DIGEST="never", REMINDER="daily"), Frequency.DAILY)
    assert not tells_of_coming(wants(DIGEST="never", REMINDER="never"), Frequency.DAILY)
    assert tells_of_coming(wants(), Frequency.WEEKLY)


def progress(step: int, **changes: object) -> Progress:
    values: dict[str, object] = {
        "account_id": "a1",
        "step": step,
        "due_at": NOW,
        "began_at": NOW - timedelta(days=2),
        "language": "en",
        "verified": True,
        "refused": False,
    }
    return Progress(**(values | changes))  # type: ignore[arg-type]


def test_the_welcome_goes_on_and_ends() -> None:
    second = decide_next(progress(2), NOW)
    assert second == Decided(True, Next(3, NOW + timedelta(days=4)))
    third = decide_next(progress(3, began_at=NOW - timedelta(days=6)), NOW)
    assert third == Decided(True, None)


def test_the_welcome_waits_for_the_proof_and_not_for_ever() -> None:
    waiting = decide_next(progress(2, verified=False), NOW)
    assert waiting.send is False
    assert waiting.then is not None
    assert waiting.then.due_at > NOW
    late = progress(2, verified=False, began_at=NOW - PATIENCE - timedelta(days=1))
    assert decide_next(late, NOW) == Decided(False, None)


def test_two_welcomes_never_come_on_one_day() -> None:
    late = decide_next(progress(2, began_at=NOW - timedelta(days=10)), NOW)
    assert late.then == Next(3, NOW + timedelta(days=4))


def test_who_wants_no_welcome_gets_no_more() -> None:
    assert decide_next(progress(2, refused=True), NOW) == Decided(False, None)


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("failed", "5.1.1", Verdict.HARD),
        ("Failed", "5.2.1", Verdict.HARD),
        ("failed", "5.2.2", Verdict.SOFT),
        ("failed", "4.4.7", Verdict.SOFT),
        ("failed", None, Verdict.SOFT),
        ("delivered", "2.0.0", Verdict.DELIVERED),
        ("delayed", "4.4.1", None),
        ("relayed", "2.0.0", None),
    ],
)
def test_a_bounce_is_hard_only_where_there_is_no_mailbox(
    action: str, status: str | None, expected: Verdict | None
) -> None:
    assert verdict_of(action, status) is expected


def test_an_address_that_keeps_bouncing_is_dead() -> None:
    assert suppression_after(Verdict.SOFT, SOFT_BOUNCES_MAX - 1) is None
    assert suppression_after(Verdict.SOFT, SOFT_BOUNCES_MAX) is Suppression.BOUNCED
    assert suppression_after(Verdict.HARD, 0) is Suppression.BOUNCED
    assert suppression_after(Verdict.COMPLAINT, 0) is Suppression.COMPLAINED
    assert suppression_after(Verdict.DELIVERED, 99) is None


def test_a_broadcasts_message_becomes_a_letter() -> None:
    assert letter_of(MessageKind.RESULTS, {"text": None}) == Results()
    assert letter_of(MessageKind.RESULTS, {"text": "Well done"}) == Results("Well done")
    assert letter_of(MessageKind.BROADCAST, {"text": "Doors at nine"}) == Words("Doors at nine")
    assert letter_of(MessageKind.BROADCAST, None, "Doors at nine") == Words("Doors at nine")
    with pytest.raises(ValueError, match="nothing to mail"):
        letter_of(MessageKind.BROADCAST, {"text": "  "})
    letter = Results("x")
    assert letter_of(MessageKind.SECURITY, payload_of(letter)) == letter
