"""How people type titles: with errors, without words, in other letters."""

from __future__ import annotations

import re
from random import Random

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR = {
    key: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in _ROWS
    for place, key in enumerate(row)
}


def typed(title: str, random: Random) -> dict[str, str]:
    """Kind of slip → the title with it. Kinds that do not fit the title are left out."""
    words = title.split()
    found = {"capitals and signs": title.upper() + "!!", "small letters": title.lower()}
    if len(title) >= 4:
        found["one typing error"] = _slip(title, 1, random)
    if len(title) >= 8:
        found["two typing errors"] = _slip(title, 2, random)
    bare = re.sub(r"\(.*?(\)|$)", "", title).strip()
    if "(" in title and bare:
        found["without the part in brackets"] = bare
    if len(words) >= 3:
        gone = random.randrange(len(words))
        found["one word missing"] = " ".join(words[:gone] + words[gone + 1 :])
        place = random.randrange(len(words) - 1)
        swapped = [*words[:place], words[place + 1], words[place], *words[place + 2 :]]
        found["two words swapped"] = " ".join(swapped)
    if len(words) >= 2:
        found["written as one word"] = "".join(words)
    if words[0].casefold() in ("the", "a") and len(words) > 1:
        found["without its article"] = " ".join(words[1:])
    else:
        found["with an article too many"] = f"The {title}"
    return found


def _slip(title: str, slips: int, random: Random) -> str:
    """Letters left out, doubled, swapped, or hit beside the key."""
    text = title.lower()
    for _ in range(slips):
        at, kind = random.randrange(len(text)), random.randrange(4)
        if kind == 0 and len(text) > 2:
            text = text[:at] + text[at + 1 :]
        elif kind == 1:
            text = text[:at] + text[at] + text[at:]
        elif kind == 2 and at + 1 < len(text):
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            text = text[:at] + random.choice(_NEAR.get(text[at], "e")) + text[at + 1 :]
    return text
