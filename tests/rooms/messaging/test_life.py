"""A message's life goes forward only, and a carrier's words are understood."""

from __future__ import annotations

import itertools

import pytest

from rooms import limits
from rooms.messaging.carrier_codes import CODES, refused, undelivered
from rooms.messaging.carrier_statuses import STATES, heard
from rooms.messaging.ports import Permanent, Temporary
from rooms.messaging.retries import retry_after_s
from rooms.messaging.states import RANKS, MessageState, is_final, may_step


@pytest.mark.parametrize(("before", "after"), [*itertools.product(MessageState, repeat=2)])
def test_a_message_never_goes_back_and_never_leaves_its_end(
    before: MessageState, after: MessageState
) -> None:
    allowed = may_step(before, after)

    assert allowed is (before != after and not is_final(before) and RANKS[after] >= RANKS[before])


def test_what_a_carrier_may_say_is_understood() -> None:
    # Twilio, Messages resource: every value of ``status`` that an outgoing message may have.
    words = (
        "accepted scheduled queued sending sent delivered read undelivered failed canceled "
        "partially_delivered"
    )
    assert set(STATES) == set(words.split())
    assert heard("SM1", "Delivered", None, None).state is MessageState.DELIVERED
    assert heard("SM1", "receiving", None, None).state is None


def test_a_callback_that_says_stop_suppresses() -> None:
    said = heard("SM1", "failed", 21610, "a message")

    assert (said.state, said.reason, said.suppress) == (MessageState.SUPPRESSED, "opted_out", True)
    assert said.tag == "a message"


@pytest.mark.parametrize(
    ("code", "reason", "suppress"),
    [
        (30003, "phone_unreachable", False),
        (30005, "number_unknown", True),
        (30006, "not_a_mobile", True),
        (30007, "filtered_by_carrier", False),
        (99999, "not_delivered", False),
        (None, "not_delivered", False),
    ],
)
def test_a_message_that_did_not_arrive_says_why(
    code: int | None, reason: str, suppress: bool
) -> None:
    why = undelivered(code)

    assert (why.reason, why.suppress) == (reason, suppress)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 21610, Permanent("opted_out", "21610", True, True)),
        (400, 21211, Permanent("invalid_number", "21211", True)),
        (400, 21614, Permanent("not_a_mobile", "21614", True)),
        (400, 21408, Permanent("country_not_enabled", "21408")),
        (400, 12345, Permanent("refused_by_carrier", "12345")),
        (429, 20429, Temporary("carrier_busy", "20429", 3.0, True)),
        (429, None, Temporary("carrier_busy", None, 3.0, True)),
        (400, 21611, Temporary("carrier_queue_full", "21611", 3.0, True)),
        (401, 20003, Temporary("credentials_refused", "20003", 3.0, True)),
        (401, None, Temporary("credentials_refused", None, 3.0, True)),
    ],
)
def test_a_refusal_is_final_or_not(
    status: int, code: int | None, expected: Permanent | Temporary
) -> None:
    assert refused(status, code, 3.0) == expected


def test_only_what_is_final_suppresses() -> None:
    for code, meaning in CODES.items():
        assert not (meaning.again and meaning.suppress), code
        assert not (meaning.opted_out and not meaning.suppress), code


def test_tries_are_further_and_further_apart_and_end() -> None:
    waits = [
        retry_after_s(Temporary("x"), attempt, 0.5)
        for attempt in range(1, limits.MESSAGE_ATTEMPTS_MAX)
    ]
    assert waits == sorted(waits, key=lambda wait: wait or 0.0)
    assert all(wait is not None and wait <= limits.MESSAGE_RETRY_LAST_S for wait in waits)
    assert retry_after_s(Temporary("x"), limits.MESSAGE_ATTEMPTS_MAX, 0.5) is None


def test_a_sender_in_trouble_uses_up_no_tries_and_waits_as_it_was_asked_to() -> None:
    busy = Temporary("carrier_busy", retry_after_s=20.0, sender_wide=True)

    wait_s = retry_after_s(busy, limits.MESSAGE_ATTEMPTS_MAX + 5, 0.0)

    assert wait_s is not None
    assert wait_s >= 20.0
    assert retry_after_s(Temporary("x", retry_after_s=20.0), 1, 0.0) == 20.0
