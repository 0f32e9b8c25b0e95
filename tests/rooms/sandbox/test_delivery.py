"""The life of a text, and what a carrier answers by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rooms.sandbox.delivery import UNKNOWN_HANDSET, UNREACHABLE, accepted, next_step
from rooms.sandbox.opt_out import OptOutType, opt_out_type
from rooms.sandbox.records import TextStatus

NOW = datetime(2026, 11, 22, 21, tzinfo=UTC)


def life(**phone: bool) -> list[tuple[str, int | None]]:
    step = accepted(NOW)
    seen = [(step.status.value, step.error_code)]
    while step.due_at is not None:
        following = next_step(step.status, step.due_at, **phone)
        assert following is not None
        step = following
        seen.append((step.status.value, step.error_code))
    return seen


def test_a_text_is_queued_sent_and_delivered() -> None:
    seen = life(known=True, switched_off=False)
    assert seen == [("queued", None), ("sent", None), ("delivered", None)]


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ({"known": True, "switched_off": True}, UNREACHABLE),
        ({"known": False, "switched_off": False}, UNKNOWN_HANDSET),
    ],
)
def test_what_reaches_nobody_is_undelivered_with_the_reason(
    phone: dict[str, bool], code: int
) -> None:
    assert life(**phone)[-1] == ("undelivered", code)


@pytest.mark.parametrize(
    "status", [TextStatus.DELIVERED, TextStatus.UNDELIVERED, TextStatus.RECEIVED]
)
def test_what_has_come_to_its_end_changes_no_more(status: TextStatus) -> None:
    assert next_step(status, NOW, known=True, switched_off=False) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("STOP", OptOutType.STOP),
        (" unsubscribe ", OptOutType.STOP),
        ("Unstop", OptOutType.START),
        ("info", OptOutType.HELP),
        ("stop it", None),
        ("", None),
    ],
)
def test_a_carrier_hears_its_words_alone(body: str, kind: OptOutType | None) -> None:
    assert opt_out_type(body) is kind
