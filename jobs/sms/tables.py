"""The generated parts of ``docs/sms.md``.

::

    python -m jobs.sms.tables --check | --write

Segments of every text in every language, the consent's wording, and how well names are heard on
rounds of songs from the shipped archives. The same numbers every time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from jobs.sms.measuring import ELSEWHERE, OUTCOMES, Heard, measure
from jobs.sms.specimens import specimens
from jobs.sms.typing import WAYS
from rooms.sms.consent import CONSENT_TEXTS, CONSENT_WORDING_VERSION, wording_hash
from rooms.sms.languages import OWN_NAMES, Language
from rooms.sms.likeness import HEARING, Hearing
from rooms.sms.rendering import render
from rooms.sms.segments import segments
from rooms.sms.texts import TEXTS

PAGE = Path(__file__).parents[2] / "docs" / "sms.md"
TRIED_ROUNDS = 300
"""Rounds for each threshold that was not chosen."""


def measured_parts() -> dict[str, str]:
    """Parts that take half a minute."""
    return {"hearing": hearing_table(measure()), "thresholds": thresholds()}


def text_parts() -> dict[str, str]:
    """Parts that are a matter of moments."""
    return {"replies": replies(), "segments": segment_table(), "consent": consent()}


def filled(page: str, parts: Mapping[str, str]) -> str:
    """A page with generated parts as they should be.

    Raises:
        ValueError: the page has no place for one.
    """
    for name, text in parts.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"no place for {name}")
        page = f"{before}{begin}\n\n{text}\n{end}{after}"
    return page


def replies() -> str:
    """Every text in English, as it usually is."""
    lines = ["| when | text |", "|---|---|"]
    lines += [f"| {one.name} | {render(one.usual, Language.EN)} |" for one in specimens()]
    return "\n".join(lines) + "\n"


def segment_table() -> str:
    """Units of every text in every language, and segments of the longest."""
    lines = [
        "| text | " + " | ".join(Language) + " | segments at most |",
        "|---" * (len(Language) + 2) + "|",
    ]
    for one in specimens():
        cells, most = [], 0
        for language in Language:
            usual = segments(render(one.usual, language))
            longest = segments(render(one.longest, language))
            most = max(most, usual.count, longest.count)
            least, units = sorted((usual.units, longest.units))
            cells.append(f"{units}" if least == units else f"{least}–{units}")
        lines.append(f"| {one.name} | {' | '.join(cells)} | {most} |")
    return "\n".join(lines) + "\n"


def consent() -> str:
    """The wording that a consent row's version stands for."""
    lines = [f"Version `{CONSENT_WORDING_VERSION}`, SHA-256 `{wording_hash(TEXTS)}`.", ""]
    for language in Language:
        lines += [f"**{OWN_NAMES[language]}**", ""]
        lines += [f"- `{key}`: {TEXTS[language][key]}" for key in CONSENT_TEXTS]
        lines.append("")
    return "\n".join(lines)


def hearing_table(heard: Heard) -> str:
    """What came of texts, by how they were typed."""
    lines = [
        f"{heard.texts:,} texts.",
        "",
        "| typed | " + " | ".join(OUTCOMES) + " |",
        "|---" * (len(OUTCOMES) + 1) + "|",
    ]
    for way in (*WAYS, ELSEWHERE):
        cells = " | ".join(f"{heard.share(way, outcome):.2f} %" for outcome in OUTCOMES)
        lines.append(f"| {way} | {cells} |")
    return "\n".join(lines) + "\n"


def thresholds() -> str:
    """What other thresholds would have done."""
    lines = [
        "| threshold | two typing errors: not heard | first half: asked or not heard "
        "| another song: asked | counted wrong, of all |",
        "|---|---|---|---|---|",
    ]
    for name, hearing in _tried():
        heard = measure(hearing, TRIED_ROUNDS)
        two, half = "two typing errors", "first half"
        wrong = sum(counts["counted wrong"] for counts in heard.counts.values()) / heard.texts
        lines.append(
            f"| {name} | {heard.share(two, 'list shown'):.1f} %"
            f" | {100 - heard.share(half, 'counted'):.1f} %"
            f" | {heard.share(ELSEWHERE, 'asked, not among them'):.1f} %"
            f" | {100 * wrong:.2f} % |"
        )
    return "\n".join(lines) + "\n"


def _tried() -> Iterator[tuple[str, Hearing]]:
    for ask in (56.0, 60.0, 64.0, 68.0, 72.0, 80.0):
        mark = " (chosen)" if ask == HEARING.ask_min else ""
        yield f"asked from {ask:.0f} %{mark}", Hearing(ask_min=ask)
    for least in (3, 5, 6):
        yield f"beginnings of {least} letters", Hearing(prefix_characters_min=least)


def main(arguments: list[str]) -> int:
    """Exit status: 0 when the page is as it should be, 1 when ``--check`` finds that it is not."""
    parser = argparse.ArgumentParser(prog="python -m jobs.sms.tables", description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="fail if docs/sms.md has drifted")
    mode.add_argument("--write", action="store_true", help="write the generated parts")
    chosen = parser.parse_args(arguments)
    page = PAGE.read_text(encoding="utf-8")
    made = filled(page, text_parts() | measured_parts())
    if made == page:
        return 0
    if chosen.write:
        PAGE.write_text(made, encoding="utf-8")
    sys.stdout.write(f"{'wrote' if chosen.write else 'out of date:'} {PAGE}\n")
    return 1 if chosen.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
