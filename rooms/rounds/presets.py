"""Presets: rounds that an artist opens in two taps, filled for the night.

A preset is a configuration like any other once it is made: it can be changed while it is a draft,
and nothing remembers where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from rooms import limits
from rooms.catalogue.names import title_key
from rooms.vote_config import (
    Option,
    PickRule,
    TallyMethod,
    TallyRule,
    TieRule,
    Visibility,
    VoteConfig,
    VoteType,
    Window,
)

CHOICES_MAX = 5
"""Songs in a preset that asks what to play: as many as fit a phone without scrolling."""


class Preset(StrEnum):
    """The rounds that are asked for most."""

    ENCORE = "encore"
    NEXT_SONG = "next_song"
    DUEL = "duel"
    BEST_OF_NIGHT = "best_of_night"
    COVER_OR_ORIGINAL = "cover_or_original"


class PresetLanguage(StrEnum):
    """The languages that presets ask in: the pages' languages."""

    EN = "en"
    ES = "es"


class OptionsFrom(StrEnum):
    """Where a round's options come from.

    ``setlist``: what stands in tonight's list. ``suggestions``: what is likeliest next.
    ``songs``: the artist's songs that are not in the list. ``line_up``: who plays tonight.
    """

    SETLIST = "setlist"
    SUGGESTIONS = "suggestions"
    SONGS = "songs"
    LINE_UP = "line_up"


class Choice(Struct, frozen=True):
    """Something that may become an option."""

    label: str
    song_id: str | None = None
    entry_id: str | None = None


class Material(Struct, frozen=True):
    """What a show has to choose from; every list with the likeliest or first one first."""

    setlist: tuple[Choice, ...] = ()
    suggestions: tuple[Choice, ...] = ()
    songs: tuple[Choice, ...] = ()
    line_up: tuple[Choice, ...] = ()

    def choices(self, source: OptionsFrom) -> tuple[Choice, ...]:
        """The choices of one source; songs to come are none that were played."""
        match source:
            case OptionsFrom.SETLIST:
                return self.setlist
            case OptionsFrom.LINE_UP:
                return self.line_up
            case OptionsFrom.SUGGESTIONS:
                return self._not_in_list((*self.suggestions, *self.songs))
            case OptionsFrom.SONGS:
                return self._not_in_list(self.songs)

    def _not_in_list(self, choices: Iterable[Choice]) -> tuple[Choice, ...]:
        listed = {one.song_id for one in self.setlist if one.song_id is not None}
        titles = {title_key(one.label) for one in self.setlist}
        return tuple(
            one
            for one in choices
            if one.song_id not in listed and title_key(one.label) not in titles
        )


class _Recipe(Struct, frozen=True):
    """How a preset is made. ``choices_max`` options of ``source``, or its words' labels."""

    duration_s: int
    source: OptionsFrom | None = None
    choices_max: int = CHOICES_MAX
    type: VoteType = VoteType.SINGLE
    method: TallyMethod = TallyMethod.PLURALITY
    picks_max: int = 1
    visibility: Visibility = Visibility.AFTER_VOTE
    tie: tuple[TieRule, ...] = (TieRule.SEEDED_RANDOM,)


class _Words(Struct, frozen=True):
    """What a preset says to fans: its question, and answers of its own."""

    title: str
    labels: tuple[str, ...] = ()


_WORDS: dict[PresetLanguage, dict[Preset, _Words]] = {
    PresetLanguage.EN: {
        Preset.ENCORE: _Words("Encore?"),
        Preset.NEXT_SONG: _Words("What next?"),
        Preset.DUEL: _Words("This one or that one?"),
        Preset.BEST_OF_NIGHT: _Words("Best of the night"),
        Preset.COVER_OR_ORIGINAL: _Words("A cover or an original?", ("A cover", "An original")),
    },
    PresetLanguage.ES: {
        Preset.ENCORE: _Words("¿Bis?"),
        Preset.NEXT_SONG: _Words("¿Cuál ahora?"),
        Preset.DUEL: _Words("¿Esta o aquella?"),
        Preset.BEST_OF_NIGHT: _Words("Lo mejor de la noche"),
        Preset.COVER_OR_ORIGINAL: _Words(
            "¿Una versión o una propia?", ("Una versión", "Una propia")
        ),
    },
}

_RECIPES: dict[Preset, _Recipe] = {
    Preset.ENCORE: _Recipe(
        120, OptionsFrom.SUGGESTIONS, tie=(TieRule.ARTIST, TieRule.SEEDED_RANDOM)
    ),
    Preset.NEXT_SONG: _Recipe(60, OptionsFrom.SUGGESTIONS),
    Preset.DUEL: _Recipe(
        45,
        OptionsFrom.SUGGESTIONS,
        choices_max=2,
        visibility=Visibility.ALWAYS,
    ),
    Preset.BEST_OF_NIGHT: _Recipe(
        300,
        OptionsFrom.SETLIST,
        choices_max=limits.ROUND_OPTIONS_MAX,
        type=VoteType.APPROVAL,
        method=TallyMethod.APPROVAL,
        picks_max=3,
        visibility=Visibility.ON_CLOSE,
        tie=(),
    ),
    Preset.COVER_OR_ORIGINAL: _Recipe(60),
}


def source_of(preset: Preset) -> OptionsFrom | None:
    """Where its options come from by itself; ``None``: they are always the same."""
    return _RECIPES[preset].source


def config_of(
    preset: Preset,
    material: Material,
    options_from: OptionsFrom | None = None,
    language: PresetLanguage = PresetLanguage.EN,
) -> VoteConfig:
    """The preset, filled for a show; with fewer than two options where there is not enough."""
    recipe, words = _RECIPES[preset], _WORDS[language][preset]
    source = options_from or recipe.source
    options = options_of([Choice(label) for label in words.labels])
    if source is not None:
        options = options_of(material.choices(source)[: recipe.choices_max])
    return VoteConfig(
        title=words.title,
        options=options,
        type=recipe.type,
        pick=PickRule(1, max(1, min(recipe.picks_max, len(options)))),
        tally=TallyRule(recipe.method),
        window=Window(duration_s=recipe.duration_s),
        visibility=recipe.visibility,
        tie=recipe.tie,
    )


def options_of(choices: Sequence[Choice]) -> tuple[Option, ...]:
    """Options ``o1``, ``o2``, …; what is named twice, or by nothing, is named once or not."""
    named: dict[str, Choice] = {}
    for one in choices:
        if one.label.strip():
            named.setdefault(one.entry_id or title_key(one.label), one)
    kept = list(named.values())[: limits.ROUND_OPTIONS_MAX]
    return tuple(
        Option(
            id=f"o{number}",
            label=one.label.strip()[: limits.TITLE_CHARACTERS_MAX],
            song_id=one.song_id,
            entry_id=one.entry_id,
        )
        for number, one in enumerate(kept, start=1)
    )
