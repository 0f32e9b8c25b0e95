"""What a carrier answers by itself where Twilio's Advanced Opt-Out is switched on.

The words and texts are Twilio's defaults for English ("Advanced Opt-Out for Messaging Services",
"Twilio support for opt-out keywords"); it still calls the webhook, with ``OptOutType``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class OptOutType(StrEnum):
    """The values of the webhook's parameter."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


WORDS: Final = {
    OptOutType.STOP: frozenset(
        {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
    ),
    OptOutType.START: frozenset({"START", "UNSTOP"}),
    OptOutType.HELP: frozenset({"HELP", "INFO"}),
}

ANSWERS: Final = {
    OptOutType.STOP: "You have successfully been unsubscribed. You will not receive any more "
    "messages from this number. Reply START to resubscribe.",
    OptOutType.START: "You have successfully been re-subscribed to messages from this number. "
    "Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    OptOutType.HELP: "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def opt_out_type(body: str) -> OptOutType | None:
    """Which of the carrier's words a text is: it is alone, in any case, spaces aside."""
    word = body.strip().upper()
    return next((kind for kind, words in WORDS.items() if word in words), None)
