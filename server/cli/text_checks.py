"""The checks of ``setroom doctor`` that are about texts."""

from urllib.parse import urlsplit

from server.cli.checks import Finding, Verdict
from server.messaging.carrier import Carrier, carrier_of
from server.settings import Settings
from server.sms.webhook import WEBHOOK

ASK_AGAIN = "#rc=3&rp=all"
"""Behind a webhook's address: Twilio tries again where a node went away or said 503."""


async def texts(settings: Settings) -> list[Finding]:
    """Who carries texts, from which numbers, and what is to be set at Twilio."""
    carrier = carrier_of(settings)
    if carrier is None:
        said = "off: neither SETROOM_TWILIO_ACCOUNT_SID nor the embedded stores' sandbox"
        if settings.sms == "off" and settings.twilio_account_sid:
            said = "off by SETROOM_SMS, though there are credentials"
        return [Finding("texts", Verdict.NOTE, said)]
    if carrier.mode == "sandbox":
        number = carrier.senders[0].address
        said = f"sandbox, {number}: kept for the panel's phones, sent to nobody"
        return [Finding("texts", Verdict.GOOD, said)]
    numbers = ", ".join(
        f"{sender.address.removeprefix('whatsapp:')} ({_kind(settings, sender.channel)},"
        f" {sender.per_second:g}/s)"
        for sender in carrier.senders
    )
    return [await _twilio(carrier, numbers), _webhook(settings.public_url)]


async def _twilio(carrier: Carrier, numbers: str) -> Finding:
    from jobs.messaging.twilio_probe import probe

    wrong = await probe(carrier.account_sid, carrier.auth_token.reveal(), carrier.base_url)
    where = urlsplit(carrier.base_url)
    there = f"Twilio at {where.hostname}"
    if wrong is not None:
        return Finding("texts", Verdict.BAD, f"{there}: {wrong}")
    return Finding("texts", Verdict.GOOD, f"{there} takes our account; {numbers}")


def _webhook(public_url: str) -> Finding:
    """Twilio calls the public address, and its signature is over exactly that."""
    address = f"POST {public_url}{WEBHOOK}{ASK_AGAIN}"
    if public_url.startswith("https://"):
        return Finding("webhook", Verdict.GOOD, f"to be set at Twilio: {address}")
    said = f"to be set at Twilio: {address}; without https texts can be read on their way"
    return Finding("webhook", Verdict.NOTE, said)


def _kind(settings: Settings, channel: str) -> str:
    if channel == "whatsapp":
        return "WhatsApp"
    return settings.sms_number_type.replace("_", " ")
