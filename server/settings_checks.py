"""What the settings must fulfil together, and the defaults that depend on other settings."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import phonenumbers

from server.mail.configuration import OFF, SANDBOX
from server.mail.configuration import problems as mail_problems
from server.secret import Secret
from storage.redis.addresses import parse

if TYPE_CHECKING:
    from server.settings import Settings

PREFIX = "SETROOM_"
FILE_SUFFIX = "_FILE"
SECRET_KEY_CHARACTERS_MIN = 32

SANDBOX_NUMBER = "+1 201 555 0100"
"""The sandbox's own number: valid to every parser, and one of the numbers kept for fiction."""

SHORT_CODE_DIGITS = (3, 8)
"""Short codes have 5 or 6 digits in North America, 3 to 8 elsewhere."""


def variable(field_name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field_name.upper()


def address_of(number: str, kind: str) -> str | None:
    """A sender as carriers write it: E.164, or a short code's digits; ``None``: neither.

    Args:
        number: as it is printed.
        kind: a `server.settings.SenderType`.
    """
    digits = "".join(filter(str.isdigit, number))
    least, most = SHORT_CODE_DIGITS
    if kind == "short_code":
        return digits if least <= len(digits) <= most else None
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def completed(settings: Settings) -> Settings:
    """Fill in the defaults that depend on other fields or on the machine."""
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::1", "::") else settings.host
    public_url = settings.public_url or f"http://{host}:{settings.port}"
    node_name = settings.node_name or f"{socket.gethostname()}-{os.getpid()}"
    sms = settings.sms
    if sms == "auto":
        if settings.twilio_account_sid and settings.twilio_auth_token:
            sms = "twilio"
        else:
            sms = "sandbox" if settings.is_embedded else "off"
    number, whatsapp = settings.sms_number, settings.whatsapp_number
    if sms == "sandbox":
        number = number or SANDBOX_NUMBER
        if settings.sms_number_type != "whatsapp":
            whatsapp = whatsapp or number
    mail_url = settings.mail_url or Secret(SANDBOX if settings.is_embedded else OFF)
    return msgspec.structs.replace(
        settings,
        mail_url=mail_url,
        public_url=public_url.rstrip("/"),
        node_name=node_name,
        sms=sms,
        sms_number=number,
        whatsapp_number=whatsapp,
        twilio_base_url=settings.twilio_base_url.rstrip("/"),
    )


def contradictions(settings: Settings) -> list[str]:
    """What does not fit together, one line each, without any secret."""
    of_mail = [f"{variable(name)}: {what}" for name, what in mail_problems(settings)]
    return [*_of_stores(settings), *_of_addresses(settings), *_of_texts(settings), *of_mail]


def _of_stores(settings: Settings) -> list[str]:
    problems = []
    if bool(settings.database_url) != bool(settings.redis_url):
        missing = "redis_url" if settings.database_url else "database_url"
        problems.append(
            f"{variable(missing)}: missing; give both store addresses, or neither for the "
            "embedded stores"
        )
    database_url = settings.database_url.reveal()
    if database_url and urlsplit(database_url).scheme not in ("postgresql", "postgres"):
        problems.append(f"{variable('database_url')}: does not begin with postgresql://")
    if settings.redis_url:
        try:
            parse(settings.redis_url.reveal())
        except ValueError as error:
            problems.append(f"{variable('redis_url')}: {error}")
    key = settings.secret_key.reveal()
    if key and len(key) < SECRET_KEY_CHARACTERS_MIN:
        problems.append(
            f"{variable('secret_key')}: shorter than {SECRET_KEY_CHARACTERS_MIN} characters"
        )
    if settings.database_url and settings.redis_url and not key:
        problems.append(f"{variable('secret_key')}: required with configured stores")
    return problems


def _of_addresses(settings: Settings) -> list[str]:
    problems = _of_sentry(settings)
    for name, urls in (
        ("public_url", (settings.public_url,)),
        ("allowed_origins", settings.allowed_origins),
        ("twilio_base_url", (settings.twilio_base_url,)),
        ("otlp_url", (settings.otlp_url,) if settings.otlp_url else ()),
    ):
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.netloc:
                problems.append(f"{variable(name)}: {url} is not an http or https URL")
    return problems


def _of_sentry(settings: Settings) -> list[str]:
    parts = urlsplit(settings.sentry_dsn.reveal())
    is_dsn = parts.scheme in ("http", "https") and parts.username and parts.path.strip("/")
    if settings.sentry_dsn and not is_dsn:
        return [f"{variable('sentry_dsn')}: not a DSN, https://key@host/project"]
    return []


def _of_texts(settings: Settings) -> list[str]:
    """What a carrier would refuse at the first text is said at the start instead."""
    if settings.sms in ("auto", "off"):
        return []
    problems = []
    if settings.sms == "twilio":
        problems += [
            f"{variable(name)}: required to send by Twilio"
            for name in ("twilio_account_sid", "twilio_auth_token")
            if not getattr(settings, name)
        ]
        sid = settings.twilio_account_sid
        if sid and not (sid.startswith("AC") and len(sid) == 34 and sid.isalnum()):
            problems.append(f"{variable('twilio_account_sid')}: not AC and 32 more characters")
        if not settings.sms_number:
            problems.append(f"{variable('sms_number')}: required to send by Twilio")
    numbers = {
        "sms_number": (settings.sms_number, settings.sms_number_type),
        "whatsapp_number": (settings.whatsapp_number, "whatsapp"),
    }
    for name, (number, kind) in numbers.items():
        if number and address_of(number, kind) is None:
            problems.append(
                f"{variable(name)}: not a number with + and its country, nor a short code's digits"
            )
    if settings.whatsapp_number and settings.sms_number_type == "whatsapp":
        problems.append(f"{variable('whatsapp_number')}: there is one already, by its type")
    return problems
