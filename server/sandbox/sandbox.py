"""The sandbox carrier of one node, put together."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import asyncpg

from rooms.ports import Clock, NewId
from rooms.sandbox.records import PhoneChannel, split_address
from server.messaging.carrier import SANDBOX_PATH, carrier_of
from server.rate_limits import RateLimits
from server.sandbox.carrier import SandboxCarrier
from server.sandbox.deliveries import Deliveries
from server.sandbox.phones import Phones
from server.sandbox.texts import PhoneTexts
from server.sandbox.webhooks import Node, OverHttp, Webhooks
from server.secret import Secret
from server.settings import Settings
from storage.sandbox.messages import PostgresSandboxMessages
from storage.sandbox.phones import PostgresSandboxPhones


@dataclass(slots=True, kw_only=True, eq=False)
class Sandbox:
    """What answers under ``/sandbox/twilio`` and ``/api/sandbox/phones``.

    Attributes:
        numbers: by channel, what phones write to.
        deliveries: to be run for as long as the node is.
    """

    account_sid: str
    auth_token: Secret
    numbers: dict[PhoneChannel, str]
    carrier: SandboxCarrier
    phones: Phones
    deliveries: Deliveries
    node: Node


def sandbox_of(
    settings: Settings,
    pool: asyncpg.Pool[Any],
    limiter: RateLimits,
    clock: Clock,
    new_id: NewId,
    node: Node | None = None,
) -> Sandbox | None:
    """The sandbox, if it carries texts by these settings.

    Args:
        node: the way to this node's own doors; by default over HTTP.
    """
    carrier = carrier_of(settings)
    if carrier is None or carrier.mode != "sandbox":
        return None
    way = node or OverHttp(carrier.base_url.removesuffix(SANDBOX_PATH))
    messages, phones = PostgresSandboxMessages(pool), PostgresSandboxPhones(pool)
    webhooks = Webhooks(settings.public_url, carrier.auth_token, way)
    deliveries = Deliveries(messages, webhooks, carrier.account_sid, clock)
    numbers = {split_address(one.address)[0]: one.address for one in carrier.senders}
    texts = PhoneTexts(
        messages,
        phones,
        webhooks,
        deliveries,
        account_sid=carrier.account_sid,
        numbers=numbers,
        clock=clock,
    )
    return Sandbox(
        account_sid=carrier.account_sid,
        auth_token=carrier.auth_token,
        numbers=numbers,
        carrier=SandboxCarrier(messages, phones, deliveries, frozenset(numbers.values()), clock),
        phones=Phones(phones, messages, texts, limiter, clock, new_id, random.Random()),
        deliveries=deliveries,
        node=way,
    )
