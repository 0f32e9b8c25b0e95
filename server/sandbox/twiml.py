"""Reads the TwiML that a webhook answers with: the texts that go back to the phone.

Of the verbs of Programmable Messaging only ``<Message>`` sends anything; its text stands in it or
in a ``<Body>`` (https://www.twilio.com/docs/messaging/twiml/message).
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree

ANSWER_BYTES_MAX: Final = 64 * 1024
"""Twilio's bound on TwiML."""

MESSAGES_MAX: Final = 10


class TwimlUnreadable(Exception):
    """Twilio's error 12100: a webhook answered with something else."""


def texts_of(answer: bytes) -> list[str]:
    """The texts that an answer sends, in order; none is a valid answer.

    Raises:
        TwimlUnreadable: it is no TwiML, or declares types or entities.
    """
    if len(answer) > ANSWER_BYTES_MAX or b"<!DOCTYPE" in answer:
        raise TwimlUnreadable
    if not answer.strip():
        return []
    try:
        root = ElementTree.fromstring(answer)
    except ElementTree.ParseError:
        raise TwimlUnreadable from None
    if root.tag != "Response":
        raise TwimlUnreadable
    texts = [_text(verb) for verb in root if verb.tag in ("Message", "Sms")]
    return [text for text in texts if text][:MESSAGES_MAX]


def _text(verb: ElementTree.Element) -> str:
    body = verb.find("Body")
    return ((body if body is not None else verb).text or "").strip()
