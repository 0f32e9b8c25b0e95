"""Crew writes to a show's people: previewed in full, sent once, held, taken back, looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rooms import limits
from tests.contract.harness import new_id
from tests.server.http import made, ok, refused
from tests.server.messaging.conftest import Show

WORDS = {"kind": "BROADCAST", "channels": ["sms"], "texts": {"en": "Doors of {title} at seven."}}


def nudge(show: Show) -> dict[str, Any]:
    return {"kind": "NUDGE", "channels": ["sms"], "round_id": show.round_id}


async def test_a_preview_says_whom_what_and_how_much(texted: Show) -> None:
    body = WORDS | {"texts": WORDS["texts"] | {"es": "Puertas a las siete…"}}  # type: ignore[operator]
    preview = ok(await texted.crew.post(f"{texted.path}/messages/preview", body))

    assert preview["problems"] == []
    recipients = preview["recipients"]
    assert (recipients["total"], recipients["suppressed"], recipients["capped"]) == (3, 1, 0)
    assert recipients["by_channel"] == {"sms": 3, "whatsapp": 0, "mail": 0}
    assert recipients["by_language"] == {"en": 2, "es": 1}
    assert preview["segments"] == 3
    assert preview["cost"] == {"micros": 3 * 7_900, "currency": "EUR"}
    english, spanish = preview["samples"]
    assert english["text"].startswith("Barton Hall: Doors of Barton Hall at seven.")
    assert (english["encoding"], english["segments"], english["recipients"]) == ("GSM-7", 1, 2)
    assert "Puertas" in spanish["text"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"texts": {}}, "texts", "required"),
        ({"texts": {"en": "Hi {name}"}}, "texts.en", "unknown_variable"),
        ({"channels": ["whatsapp", "sms"], "texts": {"en": " "}}, "texts.en", "empty"),
        ({"kind": "RESULTS", "texts": {}}, "kind", "show_not_over"),
        ({"kind": "NUDGE", "texts": {}}, "round_id", "required"),
        ({"kind": "NUDGE", "texts": {}, "round_id": new_id()}, "round_id", "unknown_round"),
        ({"audience": {"languages": ["fr"]}}, "audience", "nobody"),
        ({"send_at": "2099-01-01T00:00:00Z"}, "send_at", "too_late"),
    ],
)
async def test_what_speaks_against_it_is_said_by_field_before_and_when_it_is_made(
    texted: Show, changes: dict[str, Any], field: str, code: str
) -> None:
    preview = ok(await texted.crew.post(f"{texted.path}/messages/preview", WORDS | changes))
    assert [(one["field"], one["code"]) for one in preview["problems"]] == [(field, code)]

    answer = await texted.crew.post(f"{texted.path}/messages", WORDS | changes)
    problem = refused(answer, 422, "validation_failed")
    assert [(one["field"], one["code"]) for one in problem["errors"]] == [(field, code)]


async def test_a_broadcast_is_made_once_for_a_key_and_its_messages_are_seen(texted: Show) -> None:
    key = {"Idempotency-Key": new_id()}
    first, again = [
        made(await texted.crew.post(f"{texted.path}/messages", nudge(texted), headers=key))
        for _ in range(2)
    ]
    assert first == again
    assert (first["state"], first["recipients"], first["automatic"]) == ("scheduled", 3, False)

    await texted.expander().drain()
    view = ok(await texted.crew.get(f"/api/broadcasts/{first['id']}"))
    assert view["state"] == "sending"
    assert view["counts"]["queued"] == 3
    assert view["can"] == ["pause", "cancel"]

    page = ok(await texted.crew.get(f"{texted.path}/messages?limit=2&state=queued"))
    rest = ok(await texted.crew.get(f"{texted.path}/messages?cursor={page['next_cursor']}"))
    items = page["items"] + rest["items"]
    assert len({one["id"] for one in items}) == 3
    assert all(one["to_masked"].startswith("+1 •••• ") and one["to"] is None for one in items)
    assert rest["next_cursor"] is None
    assert texted.prefix not in str(items)

    detail = ok(await texted.crew.get(f"/api/messages/{items[0]['id']}"))
    assert "Encore?" in detail["text"]
    assert [step["state"] for step in detail["history"]] == ["queued"]


async def test_a_broadcast_is_held_let_go_and_taken_back(texted: Show) -> None:
    made_one = made(await texted.crew.post(f"{texted.path}/messages", nudge(texted)))
    path = f"/api/broadcasts/{made_one['id']}"
    await texted.expander().drain()

    assert ok(await texted.crew.post(f"{path}/pause"))["state"] == "paused"
    assert ok(await texted.crew.post(f"{path}/pause"))["can"] == ["resume", "cancel"]
    assert ok(await texted.crew.post(f"{path}/resume"))["state"] == "sending"
    cancelled = ok(await texted.crew.post(f"{path}/cancel"))
    assert (cancelled["state"], cancelled["counts"]["cancelled"]) == ("cancelled", 3)
    refused(await texted.crew.post(f"{path}/resume"), 409, "broadcast_ended")
    listed = ok(await texted.crew.get(f"{texted.path}/broadcasts"))
    assert [one["id"] for one in listed["items"]] == [made_one["id"]]


async def test_results_are_sent_once_for_a_show(texted: Show) -> None:
    fan = await texted.crew.signed_up()
    ballot = {"command_id": new_id(), "picks": [{"option_id": "o2"}]}
    ok(await fan.post(f"/api/rounds/{texted.round_id}/vote", ballot))
    ok(await texted.crew.post(f"{texted.path}/close"))
    body = {"kind": "RESULTS", "channels": ["sms"]}
    preview = ok(await texted.crew.post(f"{texted.path}/messages/preview", body))
    assert "Ripple won Encore?" in preview["samples"][0]["text"]

    made(await texted.crew.post(f"{texted.path}/messages", body))
    refused(await texted.crew.post(f"{texted.path}/messages", body), 409, "already_sent")


async def test_the_form_is_told_what_may_be_sent(texted: Show) -> None:
    offer = ok(await texted.crew.get(f"{texted.path}/messages/offer"))

    assert offer["channels"][:2] == ["sms", "whatsapp"]
    assert offer["mode"] == "sandbox"
    assert (offer["quiet_from"], offer["quiet_to"]) == ("21:00", "08:00")
    assert offer["text_characters_max"] == limits.BROADCAST_CHARACTERS_MAX
    kinds = {one["kind"]: one for one in offer["kinds"]}
    assert {kind: one["problem"] for kind, one in kinds.items()} == {
        "NUDGE": None,
        "RESULTS": "show_not_over",
        "RECAP": "show_not_over",
        "BROADCAST": None,
    }
    assert set(kinds["NUDGE"]["texts"]) == {"en", "es", "fr", "de"}
    assert kinds["NUDGE"]["quiet_hours"] is False


async def test_messages_are_for_crew_and_numbers_for_admins(texted: Show) -> None:
    sent = made(await texted.crew.post(f"{texted.path}/messages", nudge(texted)))
    await texted.expander().drain()
    message_id = (await texted.rows())[0]["id"]
    stranger = await texted.crew.signed_up()
    admin = await texted.crew.signed_up()
    await texted.pool.execute("UPDATE accounts SET role = 'admin' WHERE id = $1", admin.id)

    for path in (f"{texted.path}/messages", f"{texted.path}/broadcasts"):
        refused(await stranger.get(path), 403, "not_allowed")
    refused(await stranger.post(f"{texted.path}/messages", nudge(texted)), 403, "not_allowed")
    refused(await stranger.post(f"/api/broadcasts/{sent['id']}/cancel"), 403, "not_allowed")
    refused(await stranger.get(f"/api/messages/{message_id}"), 403, "not_allowed")
    refused(await texted.crew.get(f"/api/messages/{new_id()}"), 404, "unknown_message")
    seen = ok(await admin.get(f"/api/messages/{message_id}"))["message"]
    assert seen["to"].startswith(texted.prefix)


async def test_a_broadcast_for_later_waits(texted: Show) -> None:
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    later = made(await texted.crew.post(f"{texted.path}/messages", WORDS | {"send_at": at}))
    await texted.expander().drain()

    assert later["state"] == "scheduled"
    assert await texted.rows() == []
