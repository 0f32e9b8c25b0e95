"""All answers of one run of the simulation, and the setting they were found in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from jobs.accuracy.simulation.experiments import (
    Bin,
    Measured,
    Phase,
    attacked,
    breaks_at,
    by_raters,
    experienced,
    honest_in_clusters,
    measure,
    newcomers,
    persistent,
    reliability,
)
from jobs.accuracy.simulation.nights import SimulatedNight, nights
from jobs.accuracy.simulation.people import Gang, Person
from jobs.accuracy.simulation.season import Caps, Judged
from jobs.archive.packaged import PackagedArchive

RATERS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40)
SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)

BRIER_MAX = 0.08
"""What the rule has to reach in the stated setting."""

STATED_RATERS = 20
"""The stated setting: so many people rate on a night, each six entries of ten, half of them
guests, half of the others with a season behind them; one in ten of them colludes with aged
accounts."""

STATED_HOSTILE = 0.1


REGIME_PEOPLE = (10, 20, 40, 80)
REGIME_SHARES = (0.0, 0.1, 0.2, 0.3)
"""Where else calibration is looked at: so many raters a night, so many of them colluders with
aged accounts."""


class Setting(Struct, frozen=True):
    """How large a run is.

    Attributes:
        archives: whose nights.
        nights: of each, the last whole ones.
        attacked: nights of each that are attacked.
        people: who rate on an attacked night.
    """

    archives: tuple[PackagedArchive, ...] = tuple(PackagedArchive)
    nights: int = 60
    attacked: int = 30
    people: int = 60
    raters: tuple[int, ...] = RATERS
    shares: tuple[float, ...] = SHARES


class Regime(Struct, frozen=True):
    """So many people rate, such a share of them colludes: what the rule made of all entries."""

    people: int
    share: float
    measured: Measured


class Attack(Struct, frozen=True):
    """One share of colluders of one kind: what became of their targets, and of all entries, by
    what is known of clusters."""

    share: float
    targets: Mapping[Caps, Measured]
    everything: Mapping[Caps, Measured]


class Findings(Struct, frozen=True):
    """The answers.

    Attributes:
        newcomers, experienced: by the number of raters of an entry.
        stated: in the stated setting, with its reliability (``bins``).
        regimes: calibration with fewer and more raters and colluders.
        attacks: by what the colluders come with.
        persistent: an attack that goes on, night by night.
        honest_capped: share of honest people in a cluster that caps them.
    """

    setting: Setting
    shows: int
    entries: int
    newcomers: Mapping[int, Measured]
    experienced: Mapping[int, Measured]
    stated: Measured
    bins: tuple[Bin, ...]
    regimes: tuple[Regime, ...]
    attacks: Mapping[Gang, tuple[Attack, ...]]
    persistent: tuple[Phase, ...]
    honest_capped: float


def find_out(setting: Setting) -> Findings:
    """Runs every experiment on every archive; the same every time."""
    seasons = {archive.value: nights(archive, setting.nights) for archive in setting.archives}
    known = {
        name: (newcomers(season, f"new {name}"), experienced(season, setting.people, f"old {name}"))
        for name, season in seasons.items()
    }
    fresh: dict[int, list[Judged]] = {count: [] for count in setting.raters}
    old: dict[int, list[Judged]] = {count: [] for count in setting.raters}
    stated: list[Judged] = []
    for name, season in seasons.items():
        for found, people in zip((fresh, old), known[name], strict=True):
            for count, some in by_raters(season, setting.raters, people, f"raters {name}").items():
                found[count].extend(some)
        _, people = known[name]
        stated.extend(_judged(season, people, name, STATED_RATERS, STATED_HOSTILE))
    return Findings(
        setting=setting,
        shows=sum(map(len, seasons.values())),
        entries=sum(len(night.entries) for season in seasons.values() for night in season),
        newcomers={count: measure(some) for count, some in fresh.items()},
        experienced={count: measure(some) for count, some in old.items()},
        stated=measure(stated),
        bins=tuple(reliability(stated)),
        regimes=_regimes(seasons, known),
        attacks={kind: _attacks(kind, setting, seasons, known) for kind in Gang},
        persistent=_persistent(setting, seasons, known),
        honest_capped=sum(
            honest_in_clusters(season, known[name][1], setting.people, f"honest {name}")
            for name, season in seasons.items()
        )
        / len(seasons),
    )


_Seasons = Mapping[str, Sequence[SimulatedNight]]
_Known = Mapping[str, tuple[list[Person], list[Person]]]


def _judged(
    season: Sequence[SimulatedNight], known: Sequence[Person], name: str, people: int, share: float
) -> list[Judged]:
    """All entries of a season that is attacked with aged accounts, found clusters capped."""
    seed = f"stated {name} {people}"
    return attacked(season, known, people, share, Gang.AGED_ACCOUNTS, seed)[Caps.FOUND]


def _regimes(seasons: _Seasons, known: _Known) -> tuple[Regime, ...]:
    regimes = []
    for people in REGIME_PEOPLE:
        for share in REGIME_SHARES:
            found: list[Judged] = []
            for name, season in seasons.items():
                found.extend(_judged(season, known[name][1], name, people, share))
            regimes.append(Regime(people, share, measure(found)))
    return tuple(regimes)


def _attacks(kind: Gang, setting: Setting, seasons: _Seasons, known: _Known) -> tuple[Attack, ...]:
    attacks = []
    for share in setting.shares:
        found: dict[Caps, list[Judged]] = {caps: [] for caps in Caps}
        for name, season in seasons.items():
            some = season[: setting.attacked]
            people = known[name][1]
            by_caps = attacked(some, people, setting.people, share, kind, f"attack {name}")
            for caps, judged in by_caps.items():
                found[caps].extend(judged)
        attacks.append(
            Attack(
                share=share,
                targets={
                    caps: measure([one for one in judged if one.targeted])
                    for caps, judged in found.items()
                },
                everything={caps: measure(judged) for caps, judged in found.items()},
            )
        )
    return tuple(attacks)


def _persistent(setting: Setting, seasons: _Seasons, known: _Known) -> tuple[Phase, ...]:
    share = 0.5
    runs = [
        persistent(
            season[: setting.attacked], known[name][1], setting.people, share, f"persist {name}"
        )
        for name, season in seasons.items()
    ]
    return tuple(
        Phase(
            night=of_night[0].night,
            weight=sum(phase.weight for phase in of_night) / len(of_night),
            wrong=sum(phase.wrong for phase in of_night) / len(of_night),
        )
        for of_night in zip(*runs, strict=True)
    )


def broken_at(attacks: Sequence[Attack], caps: Caps) -> float | None:
    """The smallest share of colluders at which too many targets are decided wrongly."""
    return breaks_at([(attack.share, attack.targets[caps].wrong) for attack in attacks])


def raters_for_brier(by_count: Mapping[int, Measured]) -> int | None:
    """The fewest raters of an entry with whom C is calibrated well enough."""
    return next((count for count in sorted(by_count) if by_count[count].brier <= BRIER_MAX), None)
