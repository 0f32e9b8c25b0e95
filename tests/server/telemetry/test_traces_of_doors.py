"""What comes in by other doors than a socket is followed on the same way: texts and polls."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import httpx

from server.app import create_app
from server.secret import Secret
from storage.embedded import StoreUrls
from tests.patience import PATIENT_S
from tests.server.conftest import client_of, node_settings, running
from tests.server.http import Person, ok
from tests.server.telemetry.collector import Seen, collector
from tests.server.telemetry.test_traces import tree
from tests.wire.texting import ACCOUNT, NUMBER, PATH, TOKEN, new_sid, signed

PUBLIC = "http://setroom.test"
PHONE = "+12015550177"
SMS: dict[str, object] = {
    "sms": "twilio",
    "twilio_account_sid": ACCOUNT,
    "twilio_auth_token": Secret(TOKEN),
    "sms_number": NUMBER,
    "sms_number_type": "short_code",
}


async def text(client: httpx.AsyncClient, body: str) -> httpx.Response:
    """A signed webhook of the carrier."""
    form = [
        ("Body", body),
        ("From", PHONE),
        ("To", NUMBER),
        ("MessageSid", new_sid()),
        ("AccountSid", ACCOUNT),
    ]
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signed(PUBLIC + PATH, form),
    }
    return await client.post(PATH, content=urlencode(form), headers=headers)


def whole(spans: list[Seen], names: set[str]) -> list[Seen]:
    """The first trace that has all of these spans; nothing until there is one."""
    for trace_id in dict.fromkeys(span.trace_id for span in spans):
        found = [span for span in spans if span.trace_id == trace_id]
        if {span.name for span in found} >= names:
            return found
    return []


WEBHOOK = f"POST {PATH}"
VOTED = {WEBHOOK, "look up", "claim", "inbox", "turn", "commit", "publish"}


async def test_a_text_is_followed_from_the_webhook_to_the_commit_and_its_reply(
    shared_stores: StoreUrls, artist: Person
) -> None:
    show = await artist.live_show(takes_sms=True)
    await artist.open_round(show["id"])
    async with collector() as found:
        settings = node_settings(
            shared_stores, otlp_url=found.url, trace_sample=1.0, node_name="n", **SMS
        )
        node = create_app(settings)
        async with running(node), client_of(node) as client:
            assert "STOP" in (await text(client, f"JOIN {show['join_code']}")).text
            assert "<Message>" in (await text(client, "1")).text
            spans = whole(await found.until(lambda seen: bool(whole(seen, VOTED))), VOTED)
    parents = tree(spans)
    webhook = f"n:{WEBHOOK}"
    assert parents == {
        webhook: None,
        "n:look up": webhook,
        "n:claim": webhook,
        "n:inbox": webhook,
        "n:turn": webhook,
        "n:commit": "n:turn",
        "n:publish": "n:turn",
    }
    by_name = {span.name: span for span in spans}
    assert by_name["inbox"].attributes == {"setroom.command": "CastVote"}
    assert by_name["commit"].attributes["setroom.ballots"] == 1
    assert by_name[WEBHOOK].attributes["http.response.status_code"] == 200
    assert by_name[WEBHOOK].lasted_ns >= by_name["turn"].lasted_ns
    for secret in (PHONE, PHONE.removeprefix("+"), show["join_code"], TOKEN):
        assert secret.encode() not in found.raw


async def test_a_text_that_is_refused_is_one_trace_as_well(shared_stores: StoreUrls) -> None:
    async with collector() as found:
        settings = node_settings(shared_stores, otlp_url=found.url, trace_sample=1.0, **SMS)
        node = create_app(settings)
        async with running(node), client_of(node) as client:
            assert (await client.post(PATH, content="From=x")).status_code == 403
            spans = await found.until(lambda seen: any(span.name == WEBHOOK for span in seen))
    (webhook,) = [span for span in spans if span.name.startswith("POST")]
    assert webhook.attributes["http.response.status_code"] == 403


async def test_a_poll_says_which_turn_ended_its_wait(
    shared_stores: StoreUrls, artist: Person, fan: Person
) -> None:
    show_id = (await artist.live_show())["id"]
    poll = "GET /api/shows/{show_id}/poll"
    async with collector() as found:
        settings = node_settings(shared_stores, otlp_url=found.url, trace_sample=1.0)
        node = create_app(settings)
        async with running(node), client_of(node) as client:
            polls, talks = fan.at(client), artist.at(client)
            path = f"/api/shows/{show_id}/poll"
            body = ok(await polls.get(path))
            place = f"since={body['seq']}&epoch={body['epoch']}&cursor={body['cursor']}"
            waiting = asyncio.create_task(polls.get(f"{path}?{place}&wait_s=57"))
            room = node.state.services.polls._node.loaded(show_id)
            async with asyncio.timeout(PATIENT_S):
                while not room.hub.polls._waiting:
                    await asyncio.sleep(0)
            said = {"command_id": "c1", "name": "post_chat", "args": {"text": "hello"}}
            ok(await talks.post(f"/api/shows/{show_id}/commands", said))
            assert ok(await waiting)["events"][0]["data"]["text"] == "hello"
            spans = await found.until(
                lambda seen: {"wait", "fan-out"} <= {span.name for span in seen}
            )
    (wait,) = [span for span in spans if span.name == "wait"]
    (door,) = [span for span in spans if span.span_id == wait.parent_id]
    shown = [span.span_id for span in spans if span.name == "fan-out"]
    assert (door.name, wait.links) == (poll, shown)
