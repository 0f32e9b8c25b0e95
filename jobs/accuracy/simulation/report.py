"""The findings as tables (Markdown) and as a figure (SVG)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from jobs.accuracy.simulation.experiments import WRONG_MAX, Measured, calibration_error
from jobs.accuracy.simulation.findings import (
    BRIER_MAX,
    REGIME_SHARES,
    STATED_HOSTILE,
    STATED_RATERS,
    Attack,
    Findings,
    broken_at,
    raters_for_brier,
)
from jobs.accuracy.simulation.people import Gang
from jobs.accuracy.simulation.plot import BLUE, GREEN, GREY, RED, Line, Panel, svg
from jobs.accuracy.simulation.season import Caps
from rooms.accuracy.rule import RULE_VERSION

_COLOURS = {Gang.GUESTS: GREEN, Gang.NEW_ACCOUNTS: BLUE, Gang.AGED_ACCOUNTS: RED}
_NIGHTS_SHOWN = (1, 2, 3, 5, 10, 20, 30)


def tables(found: Findings) -> str:
    """All tables, under headings of the third level."""
    parts = [
        _intro(found),
        "### How many raters it takes",
        _raters_table(found),
        _raters_words(found),
        "### How well C is calibrated",
        _calibration_words(found),
        _calibration_table(found),
        _regime_table(found),
        "### Where it breaks",
        _attack_words(found),
        *(_attack_table(kind, found.attacks[kind]) for kind in Gang),
        "### An attack that goes on",
        _persistent_table(found),
    ]
    return "\n\n".join(parts) + "\n"


def figure(found: Findings) -> str:
    """The figure: four charts."""
    return svg([_raters_panel(found), _calibration_panel(found), *_attack_panels(found)])


def _intro(found: Findings) -> str:
    return (
        f"Rule version {RULE_VERSION}. {found.shows} nights of "
        f"{len(found.setting.archives)} shipped archives, {found.entries} entries, a fifth of "
        "them titles that were not played that night."
    )


def _raters_table(found: Findings) -> str:
    rows = []
    for count in found.setting.raters:
        new, old = found.newcomers[count], found.experienced[count]
        cells = [
            cell
            for one in (new, old)
            for cell in (_pc(one.leaning), _pc(one.right), _pc(one.wrong, 2), f"{one.brier:.3f}")
        ]
        rows.append([str(count), *cells])
    head = ["raters"] + [
        f"{who}: {what}"
        for who in ("new", "known")
        for what in ("C leans right", "decided rightly", "wrongly", "Brier")
    ]
    return _table(head, rows)


def _raters_words(found: Findings) -> str:
    new, old = raters_for_brier(found.newcomers), raters_for_brier(found.experienced)
    return (
        f"C reaches a Brier score of {BRIER_MAX:.2f} with {new or 'no number of'} raters of whom "
        f"nothing is known, and with {old or 'no number of'} where the regulars have a season "
        "behind them. Half of the raters are guests either way."
    )


def _calibration_words(found: Findings) -> str:
    one = found.stated
    return (
        f"The stated setting: {STATED_RATERS} people rate on a night, each six entries of ten "
        f"({one.raters:.1f} raters an entry); half are guests of that night, half regulars with a "
        f"season behind them; {STATED_HOSTILE:.0%} collude with aged accounts against eight "
        f"entries. **Brier score {one.brier:.3f}** (wanted: at most {BRIER_MAX:.2f}), "
        f"{_pc(one.right)} decided rightly, {_pc(one.wrong, 2)} wrongly, expected calibration "
        f"error {calibration_error(found.bins):.3f}."
    )


def _calibration_table(found: Findings) -> str:
    rows = [[f"{one.confidence:.2f}", _pc(one.true), str(one.entries)] for one in found.bins]
    return _table(["mean C of the bin", "were true", "entries"], rows)


def _regime_table(found: Findings) -> str:
    words = "The Brier score with fewer and more raters a night, and colluders with aged accounts:"
    by_people: dict[int, list[str]] = {}
    for regime in found.regimes:
        by_people.setdefault(regime.people, []).append(f"{regime.measured.brier:.3f}")
    head = ["raters a night", *(f"{share:.0%} colluders" for share in REGIME_SHARES)]
    rows = [[str(people), *briers] for people, briers in by_people.items()]
    return f"{words}\n\n{_table(head, rows)}"


def _attack_words(found: Findings) -> str:
    lines = [
        f"{found.setting.people} raters a night; each gang aims at four wrong entries, to have "
        "them confirmed, and at four true ones, to have them struck, and is honest about the "
        f"rest. Broken is where more than {WRONG_MAX:.0%} of the targets are decided wrongly.",
        _table(
            ["colluders come with", "no caps", "caps on clusters that are found", "on all of them"],
            [
                [kind.value, *(_share(broken_at(found.attacks[kind], caps)) for caps in Caps)]
                for kind in Gang
            ],
        ),
        f"Of people who belong to no gang {_pc(found.honest_capped, 2)} were put into a cluster "
        "that caps them, on nights without an attack.",
    ]
    return "\n\n".join(lines)


def _attack_table(kind: Gang, attacks: Sequence[Attack]) -> str:
    rows = []
    for attack in attacks:
        cells = [_pc(attack.share, 0)]
        for caps in Caps:
            targets = attack.targets[caps]
            cells += [
                _pc(targets.wrong),
                _pc(targets.right),
                f"{attack.everything[caps].brier:.3f}",
            ]
        rows.append(cells)
    names = {Caps.NONE: "no caps", Caps.FOUND: "found", Caps.ALL: "all"}
    head = ["colluders"] + [
        f"{names[caps]}: {what}" for caps in Caps for what in ("wrong", "right", "Brier")
    ]
    return f"**{kind.value.capitalize()}**\n\n{_table(head, rows)}"


def _persistent_table(found: Findings) -> str:
    words = (
        "Half of all raters, with aged accounts, attack night after night, no cluster is found, "
        "and the artist seals every list. What the gang weighs:"
    )
    rows = [
        [str(phase.night), f"{phase.weight:.2f}", _pc(phase.wrong)]
        for phase in found.persistent
        if phase.night in _NIGHTS_SHOWN
    ]
    return f"{words}\n\n{_table(['night', 'mean weight of the gang', 'targets wrong'], rows)}"


def _raters_panel(found: Findings) -> Panel:
    counts = found.setting.raters

    def line(name: str, values: Iterable[float], colour: str, dash: str = "") -> Line:
        return Line(name, list(zip(counts, values, strict=True)), colour, dash)

    new = [found.newcomers[count] for count in counts]
    old = [found.experienced[count] for count in counts]
    return Panel(
        title="How many raters it takes",
        x_name="raters of an entry",
        y_name="entries",
        x_ticks=(0, 10, 20, 30, 40),
        y_ticks=(0, 0.25, 0.5, 0.75, 1),
        lines=[
            line("C leans right, known raters", [one.leaning for one in old], BLUE),
            line("decided rightly, known raters", [one.right for one in old], GREEN),
            line("C leans right, new raters", [one.leaning for one in new], BLUE, "4 3"),
            line("decided rightly, new raters", [one.right for one in new], GREEN, "4 3"),
        ],
        percent="y",
    )


def _calibration_panel(found: Findings) -> Panel:
    return Panel(
        title=f"Calibration in the stated setting (Brier {found.stated.brier:.3f})",
        x_name="confidence C",
        y_name="entries that were true",
        x_ticks=(0, 0.2, 0.4, 0.6, 0.8, 1),
        y_ticks=(0, 0.25, 0.5, 0.75, 1),
        lines=[
            Line("as found", [(one.confidence, one.true) for one in found.bins], BLUE),
            Line("perfect", [(0, 0), (1, 1)], GREY, "2 3", dots=False),
        ],
        percent="y",
    )


def _attack_panels(found: Findings) -> list[Panel]:
    return [
        _attack_panel(
            found, "Targets of colluders that are decided wrongly", lambda one: one.wrong
        ),
        _attack_panel(
            found, "Targets that are decided rightly all the same", lambda one: one.right
        ),
    ]


def _attack_panel(found: Findings, title: str, value: Callable[[Measured], float]) -> Panel:
    return Panel(
        title=title,
        x_name="colluders among the raters",
        y_name="targets",
        x_ticks=(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
        y_ticks=(0, 0.25, 0.5, 0.75, 1),
        lines=[
            Line(
                f"{kind.value}, {'no caps' if caps is Caps.NONE else 'clusters capped'}",
                [(attack.share, value(attack.targets[caps])) for attack in found.attacks[kind]],
                _COLOURS[kind],
                "" if caps is Caps.NONE else "4 3",
            )
            for kind in Gang
            for caps in (Caps.NONE, Caps.FOUND)
        ],
        percent="xy",
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def _pc(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def _share(share: float | None) -> str:
    return "not up to 60 %" if share is None else f"at {share:.0%}"
