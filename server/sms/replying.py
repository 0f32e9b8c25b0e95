"""In which language a phone is answered, and how often."""

from __future__ import annotations

from collections import OrderedDict

import phonenumbers

from rooms import limits
from rooms.sessions.allowance import TokenBucket
from rooms.sms.languages import Language
from rooms.sms.normalising import readable, words_of

_JOIN_WORDS = {
    "unirse": Language.ES,
    "unirme": Language.ES,
    "rejoindre": Language.FR,
    "beitreten": Language.DE,
    "mitmachen": Language.DE,
}
"""Words of JOIN that are said in one language only; ``JOIN`` itself stands on every poster."""

_SPOKEN_IN: dict[Language, str] = {
    Language.ES: "AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE",
    Language.FR: "BF BJ CD CF CG CI CM DZ FR GA GF GN GP HT MA MC MG ML MQ NC NE PF PM RE SN TD TG"
    " TN WF YT",
    Language.DE: "AT CH DE LI",
}
_BY_REGION = {
    region: language for language, regions in _SPOKEN_IN.items() for region in regions.split()
}


def is_phone(number: str) -> bool:
    """Whether a number (E.164) is of some country.

    No more is asked: the carrier has taken a text from it, and some real ones, such as WhatsApp's
    in Mexico (``+521…``), have a length that numbering plans no longer know.
    """
    try:
        phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    return True


def language_of(number: str, body: str = "") -> Language:
    """The language to answer a phone in that has chosen none: that of the word it joined with,
    else that of most people in its number's country, else English."""
    said = words_of(readable(body[:40]))
    if said and said[0] in _JOIN_WORDS:
        return _JOIN_WORDS[said[0]]
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return Language.EN
    return _BY_REGION.get(region or "", Language.EN)


class Paces:
    """How often each phone is answered on this node. A text that gets no answer still counts."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[bytes, TokenBucket] = OrderedDict()

    def take(self, number_hash: bytes, now: float) -> bool:
        """Whether one more answer is due; ``now``: monotonic seconds."""
        bucket = self._buckets.get(number_hash)
        if bucket is None:
            bucket = self._buckets[number_hash] = TokenBucket(
                1 / limits.SMS_REPLIES_PER_PHONE_S, limits.SMS_REPLIES_PER_PHONE_BURST
            )
            if len(self._buckets) > limits.SMS_PACED_PHONES_MAX:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(number_hash)
        return bucket.take(now) == 0.0
