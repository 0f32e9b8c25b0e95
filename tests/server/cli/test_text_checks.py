"""What the doctor says of texts, with a carrier that answers as Twilio does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import encode_basic_auth, web

from server.cli.checks import Finding, Verdict
from server.cli.text_checks import texts
from server.settings import read_settings

ACCOUNT, TOKEN = "AC" + "0" * 32, "the carrier's secret token"
STORES = {
    "SETROOM_DATABASE_URL": "postgresql://u@127.0.0.1:1/x",
    "SETROOM_REDIS_URL": "redis://127.0.0.1:1/0",
    "SETROOM_SECRET_KEY": "k" * 64,
}


class Accounts:
    """One account of a carrier."""

    def __init__(self) -> None:
        self.url = ""
        self.status = "active"

    async def fetch(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != encode_basic_auth(ACCOUNT, TOKEN):
            body = {"code": 20003, "message": "Authenticate", "status": 401}
            return web.json_response(body, status=401)
        return web.json_response({"sid": ACCOUNT, "status": self.status})


@pytest.fixture
async def accounts() -> AsyncIterator[Accounts]:
    accounts = Accounts()
    app = web.Application()
    app.router.add_get(f"/proxy/2010-04-01/Accounts/{ACCOUNT}.json", accounts.fetch)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    accounts.url = f"http://127.0.0.1:{port}/proxy"
    yield accounts
    await runner.cleanup()


async def said(base_url: str, **more: str) -> list[Finding]:
    settings = {
        "SETROOM_TWILIO_ACCOUNT_SID": ACCOUNT,
        "SETROOM_TWILIO_AUTH_TOKEN": TOKEN,
        "SETROOM_TWILIO_BASE_URL": base_url,
        "SETROOM_SMS_NUMBER": "+1 925-555-0100",
        "SETROOM_SMS_NUMBER_TYPE": "toll_free",
        "SETROOM_WHATSAPP_NUMBER": "+14123456789",
        "SETROOM_PUBLIC_URL": "https://setroom.example",
    }
    findings = await texts(read_settings(STORES | settings | more))
    assert TOKEN not in str(findings)
    return findings


async def test_a_carrier_that_takes_our_account(accounts: Accounts) -> None:
    carrier, webhook = await said(accounts.url)

    assert carrier.verdict is webhook.verdict is Verdict.GOOD
    assert "+19255550100 (toll free, 3/s), +14123456789 (WhatsApp, 80/s)" in carrier.said
    assert "POST https://setroom.example/webhooks/twilio/sms#rc=3&rp=all" in webhook.said


async def test_a_webhook_without_https_is_worth_knowing(accounts: Accounts) -> None:
    _, webhook = await said(accounts.url, SETROOM_PUBLIC_URL="http://setroom.example")
    assert webhook.verdict is Verdict.NOTE
    assert "https" in webhook.said


async def test_a_wrong_token_a_closed_account_and_nobody_there(accounts: Accounts) -> None:
    wrong, _ = await said(accounts.url, SETROOM_TWILIO_AUTH_TOKEN="another one")
    accounts.status = "suspended"
    closed, _ = await said(accounts.url)
    nobody, _ = await said("http://127.0.0.1:1")

    assert [one.verdict for one in (wrong, closed, nobody)] == [Verdict.BAD] * 3
    assert "refuses our account and token (401)" in wrong.said
    assert "our account is suspended" in closed.said
    assert "not reachable" in nobody.said


async def test_what_is_no_carrier_is_told_from_one(accounts: Accounts) -> None:
    found, _ = await said(accounts.url.removesuffix("/proxy"))
    assert found.verdict is Verdict.BAD


async def test_sandbox_and_off() -> None:
    (sandbox,) = await texts(read_settings({}))
    (off,) = await texts(read_settings(STORES))
    (by_choice,) = await said("http://127.0.0.1:1", SETROOM_SMS="off")

    assert (sandbox.verdict, off.verdict, by_choice.verdict) == (
        Verdict.GOOD,
        Verdict.NOTE,
        Verdict.NOTE,
    )
    assert "sandbox" in sandbox.said
    assert "off by SETROOM_SMS" in by_choice.said
