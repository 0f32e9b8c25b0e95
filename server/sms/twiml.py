"""What a webhook is answered: TwiML (https://www.twilio.com/docs/messaging/twiml)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from xml.etree import ElementTree

from twilio.twiml.messaging_response import MessagingResponse

from rooms.sms.segments import segments

MEDIA_TYPE: Final = "text/xml"

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML 1.0 (§2.2) cannot hold, not even as a reference."""


@lru_cache(maxsize=1_024)
def twiml(*texts: str) -> str:
    """One message for each text; without one nothing is sent. Remembered: a round of thousands of
    votes has as many receipts as it has options."""
    response = MessagingResponse()
    for text in texts:
        response.message(_NOT_XML.sub("", text))
    return str(response)


SILENCE: Final = twiml()
"""``<Response/>``: taken, and nothing is said."""


@lru_cache(maxsize=1_024)
def segments_in(answer: str) -> int:
    """Segments of all messages of what `twiml` has made."""
    if answer == SILENCE:
        return 0
    return sum(segments(said.text or "").count for said in ElementTree.fromstring(answer))
