"""What a carrier's error codes mean for a message and for the number it goes to.

Codes and their meanings: Twilio, "Error and Warning Dictionary"
(https://www.twilio.com/docs/api/errors), one page for each code.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from rooms.messaging.ports import Permanent, Temporary


class Meaning(Struct, frozen=True):
    """What a code means.

    Attributes:
        reason: stable, snake_case.
        suppress: the number will never take a text from this sender.
        opted_out: its owner said so.
        again: it may be taken later.
        sender_wide: it is about the sender, not about this message.
    """

    reason: str
    suppress: bool = False
    opted_out: bool = False
    again: bool = False
    sender_wide: bool = False


CODES: Mapping[int, Meaning] = {
    # Refused at once, by the API.
    21211: Meaning("invalid_number", suppress=True),
    21217: Meaning("invalid_number", suppress=True),
    21401: Meaning("invalid_number", suppress=True),
    21407: Meaning("sender_cannot_text", again=True, sender_wide=True),
    21408: Meaning("country_not_enabled"),
    21601: Meaning("sender_cannot_text", again=True, sender_wide=True),
    21602: Meaning("no_text"),
    21606: Meaning("sender_cannot_text", again=True, sender_wide=True),
    21610: Meaning("opted_out", suppress=True, opted_out=True),
    21611: Meaning("carrier_queue_full", again=True, sender_wide=True),
    21612: Meaning("not_reachable_from_sender"),
    21614: Meaning("not_a_mobile", suppress=True),
    21617: Meaning("too_long"),
    21635: Meaning("not_a_mobile", suppress=True),
    21659: Meaning("sender_cannot_text", again=True, sender_wide=True),
    21703: Meaning("sender_cannot_text", again=True, sender_wide=True),
    # Too fast, or not let in: nothing is wrong with the message.
    14107: Meaning("carrier_busy", again=True, sender_wide=True),
    20003: Meaning("credentials_refused", again=True, sender_wide=True),
    20005: Meaning("account_not_active", again=True, sender_wide=True),
    20429: Meaning("carrier_busy", again=True, sender_wide=True),
    63018: Meaning("carrier_busy", again=True, sender_wide=True),
    # Taken, and then not delivered.
    30001: Meaning("carrier_queue_full"),
    30002: Meaning("account_not_active"),
    30003: Meaning("phone_unreachable"),
    30004: Meaning("blocked_by_recipient"),
    30005: Meaning("number_unknown", suppress=True),
    30006: Meaning("not_a_mobile", suppress=True),
    30007: Meaning("filtered_by_carrier"),
    30008: Meaning("not_delivered"),
    30010: Meaning("too_expensive"),
    30022: Meaning("carrier_busy"),
    30023: Meaning("daily_limit_reached"),
    30032: Meaning("sender_not_verified"),
    30034: Meaning("sender_not_registered"),
    30036: Meaning("too_late"),
    30410: Meaning("not_delivered"),
    # WhatsApp.
    63003: Meaning("invalid_number", suppress=True),
    63016: Meaning("outside_whatsapp_window"),
    63024: Meaning("invalid_number", suppress=True),
    63032: Meaning("limited_by_whatsapp"),
    63049: Meaning("limited_by_whatsapp"),
}
"""What is not here is judged by its HTTP status, and as not delivered in a callback."""

TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
_LOGIN_STATUSES = frozenset({401, 403})


def refused(
    status: int, code: int | None, retry_after_s: float | None = None
) -> Permanent | Temporary:
    """What an API's error answer to a new message means.

    Args:
        status: of HTTP.
        code: the carrier's own.
        retry_after_s: the answer's ``Retry-After``.
    """
    text = str(code) if code is not None else None
    meaning = CODES.get(code) if code is not None else None
    if meaning is not None and not meaning.again:
        return Permanent(meaning.reason, text, meaning.suppress, meaning.opted_out)
    if meaning is not None:
        return Temporary(meaning.reason, text, retry_after_s, meaning.sender_wide)
    if status == TOO_MANY_REQUESTS:
        return Temporary("carrier_busy", text, retry_after_s, True)
    if status in _LOGIN_STATUSES:
        return Temporary("credentials_refused", text, retry_after_s, True)
    if status >= SERVER_ERROR:
        return Temporary("carrier_unavailable", text, retry_after_s)
    return Permanent("refused_by_carrier", text)


def undelivered(code: int | None) -> Permanent:
    """What the error of a message means that the carrier had taken."""
    text = str(code) if code is not None else None
    meaning = CODES.get(code) if code is not None else None
    if meaning is None:
        return Permanent("not_delivered", text)
    return Permanent(meaning.reason, text, meaning.suppress, meaning.opted_out)
