"""Nobody is woken, and everybody hears what they agreed to: DOMAIN "SMS"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.quiet import (
    is_quiet,
    morning_after,
    next_awake,
    zones_for,
    zones_of_number,
)
from rooms.messaging.windows import ShowNight, last_moment, window
from rooms.show import ShowStatus

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
NIGHT = ShowNight(
    status=ShowStatus.CLOSED,
    starts_at=datetime(2027, 5, 8, 23, tzinfo=UTC),
    ended_at=datetime(2027, 5, 9, 3, 10, tzinfo=UTC),  # 23:10 in New York
    zone=NEW_YORK,
)


@pytest.mark.parametrize(
    ("utc", "quiet"),
    [
        ("2027-05-09T01:00", True),  # 21:00
        ("2027-05-09T00:59", False),
        ("2027-05-09T11:59", True),  # 07:59
        ("2027-05-09T12:00", False),
        # Winter time: 08:00 is an hour later in UTC.
        ("2027-12-09T12:30", True),
        ("2027-12-09T13:00", False),
    ],
)
def test_it_is_quiet_from_nine_to_eight_at_the_recipient(utc: str, quiet: bool) -> None:
    assert is_quiet(datetime.fromisoformat(utc).replace(tzinfo=UTC), [NEW_YORK]) is quiet


def test_a_number_says_where_it_may_be() -> None:
    assert zones_of_number("+12015550123") == (NEW_YORK,)
    assert zones_of_number("+4915112345678") == (BERLIN,)
    assert zones_of_number("+18005550100") == (), "toll-free: anywhere"
    assert zones_of_number("nothing") == ()


def test_a_phone_at_a_show_is_at_its_place_if_it_may_be() -> None:
    # Toll-free says nothing; a German phone is on its own time wherever the show is.
    assert zones_for("+18005550100", NEW_YORK) == (NEW_YORK,)
    assert zones_for("+4915112345678", NEW_YORK) == (BERLIN,)
    assert zones_for(None, None) == ("UTC",)


def test_with_several_zones_it_must_be_day_in_all() -> None:
    # 08:30 in New York is 05:30 in Los Angeles.
    early = datetime(2027, 5, 9, 12, 30, tzinfo=UTC)

    awake = next_awake(early, [NEW_YORK, "America/Los_Angeles"])

    assert awake == datetime(2027, 5, 9, 15, 0, tzinfo=UTC)


def test_zones_that_are_never_awake_together_do_not_hang() -> None:
    at = datetime(2027, 5, 9, 3, 0, tzinfo=UTC)

    awake = next_awake(at, [NEW_YORK, "Asia/Shanghai", "Europe/London", "Pacific/Auckland"])

    assert not is_quiet(awake, [NEW_YORK])


def test_results_go_at_night_until_an_hour_after_the_show() -> None:
    assert NIGHT.ended_at is not None
    found = window(MessageKind.RESULTS, Channel.SMS, NIGHT, [NEW_YORK], NIGHT.ended_at)

    assert found.due_at == NIGHT.ended_at
    assert found.expires_at == NIGHT.ended_at + timedelta(hours=1)
    late = NIGHT.ended_at + timedelta(hours=1)
    assert not window(MessageKind.RESULTS, Channel.SMS, NIGHT, [NEW_YORK], late).is_open


def test_a_recap_waits_for_the_recipients_morning_even_where_it_is_still_day() -> None:
    assert NIGHT.ended_at is not None
    here = window(MessageKind.RECAP, Channel.SMS, NIGHT, [NEW_YORK], NIGHT.ended_at)
    there = window(MessageKind.RECAP, Channel.SMS, NIGHT, ["Asia/Tokyo"], NIGHT.ended_at)

    assert here.due_at == datetime(2027, 5, 9, 12, 0, tzinfo=UTC)
    assert there.due_at == datetime(2027, 5, 9, 23, 0, tzinfo=UTC)
    assert here.is_open
    assert there.is_open


def test_a_recap_of_a_show_archived_days_later_is_not_what_was_agreed_to() -> None:
    assert NIGHT.ended_at is not None
    late = NIGHT.ended_at + timedelta(days=3)

    assert not window(MessageKind.RECAP, Channel.SMS, NIGHT, [NEW_YORK], late).is_open


def test_crews_own_words_wait_for_the_day_on_phones_alone() -> None:
    assert NIGHT.ended_at is not None
    text = window(MessageKind.BROADCAST, Channel.WHATSAPP, NIGHT, [NEW_YORK], NIGHT.ended_at)
    mail = window(MessageKind.BROADCAST, Channel.MAIL, NIGHT, [NEW_YORK], NIGHT.ended_at)

    assert text.due_at == morning_after(NIGHT.ended_at, [NEW_YORK])
    assert mail.due_at == NIGHT.ended_at


def test_a_show_that_nobody_closes_ends_for_messages() -> None:
    opened = datetime(2027, 5, 8, 22, tzinfo=UTC)
    live = ShowNight(
        status=ShowStatus.LIVE, starts_at=datetime(2027, 5, 1, 20, tzinfo=UTC), live_since=opened
    )

    assert last_moment(MessageKind.NUDGE, live) == opened + timedelta(hours=13)
    published = ShowNight(status=ShowStatus.PUBLISHED, starts_at=opened)
    assert last_moment(MessageKind.NUDGE, published) == opened + timedelta(hours=7)
