"""Which carrier this installation sends texts by, and under which numbers.

Sandbox and Twilio differ here and nowhere else: the sandbox is reached by the same SDK under
another address, and signs its webhooks with a token of its own.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from rooms.messaging.senders import MESSAGES_PER_SECOND, Sender
from server.secret import Secret
from server.security.tokens import derive_key
from server.settings import Settings
from server.settings_checks import address_of

SANDBOX_PATH = "/sandbox/twilio"
"""Where the sandbox answers as Twilio's API does, on this installation's own web node."""


class Carrier(Struct, frozen=True, kw_only=True):
    """How to reach a carrier.

    Attributes:
        base_url: without a slash at its end; Twilio's paths follow it.
        auth_token: signs requests to it and webhooks from it.
        senders: the numbers to send from, SMS first.
    """

    mode: Literal["twilio", "sandbox"]
    account_sid: str
    auth_token: Secret
    base_url: str
    senders: tuple[Sender, ...]

    def sender_of(self, channel: str) -> Sender | None:
        """The number that a channel is sent from; ``None``: the channel is not offered."""
        return next((sender for sender in self.senders if sender.channel == channel), None)


def carrier_of(settings: Settings) -> Carrier | None:
    """The carrier by these settings; ``None``: texts are switched off."""
    match settings.sms:
        case "twilio":
            return Carrier(
                mode="twilio",
                account_sid=settings.twilio_account_sid,
                auth_token=settings.twilio_auth_token,
                base_url=settings.twilio_base_url,
                senders=_senders(settings),
            )
        case "sandbox":
            return Carrier(
                mode="sandbox",
                account_sid="AC" + _derived(settings, "account"),
                auth_token=Secret(_derived(settings, "token")),
                base_url=_own_address(settings) + SANDBOX_PATH,
                senders=_senders(settings),
            )
        case _:
            return None


def _senders(settings: Settings) -> tuple[Sender, ...]:
    senders = []
    kind = settings.sms_number_type
    sandbox = settings.sms == "sandbox"
    for number, its in ((settings.sms_number, kind), (settings.whatsapp_number, "whatsapp")):
        address = address_of(number, its) if number else None
        if address is None:
            continue
        if its == "whatsapp":
            senders.append(Sender("whatsapp", f"whatsapp:{address}", MESSAGES_PER_SECOND[its]))
        else:
            # The sandbox queues for nobody: nothing is gained by its pretending to be slow.
            per_second = MESSAGES_PER_SECOND["short_code" if sandbox else its]
            senders.append(Sender("sms", address, per_second))
    return tuple(senders)


def _derived(settings: Settings, what: str) -> str:
    """32 hexadecimal characters that every process of this installation arrives at."""
    return derive_key(settings.secret_key, f"sandbox carrier {what}").hex()[:32]


def _own_address(settings: Settings) -> str:
    """The web node beside this process. Never by way of the public address, which a proxy or a
    phone's tunnel may serve."""
    wildcard = settings.host in ("0.0.0.0", "::", "localhost", "")
    host = "127.0.0.1" if wildcard else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
