"""Our words by language and key. Placeholders are filled in `rooms.sms.rendering`.

All of it is in the GSM alphabet: one character outside makes a text of 160 places one of 70.
"""

from __future__ import annotations

from typing import Final

from rooms.sms.languages import Language
from rooms.sms.texts import de, en, es, fr

TEXTS: Final[dict[Language, dict[str, str]]] = {
    Language.EN: en.TEXTS,
    Language.ES: es.TEXTS,
    Language.FR: fr.TEXTS,
    Language.DE: de.TEXTS,
}
