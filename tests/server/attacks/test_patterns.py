"""No pattern of ours can be made to run for ever by what somebody types (ReDoS)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants as sre
from re import _parser
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("server", "rooms", "storage", "jobs", "crdt")
CALLS = frozenset("compile match search fullmatch sub subn split findall finditer".split())
LONG = 20
"""A bounded repetition counts as one without an end from here on."""


def patterns() -> Iterator[tuple[str, str]]:
    """Every pattern that is written out in the product: where, and which."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and (text := _pattern_in(node)) is not None:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def _pattern_in(call: ast.Call) -> str | None:
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr in CALLS and call.args):
        for keyword in call.keywords:
            value = keyword.value
            if keyword.arg == "pattern" and isinstance(value, ast.Constant):
                return str(value.value)
        return None
    if not (isinstance(function.value, ast.Name) and function.value.id == "re"):
        return None
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def nests(pattern: Any) -> bool:
    """Whether something that repeats holds something that repeats: time can grow exponentially."""
    return _repeats_within(pattern, inside=False)


def _repeats_within(parsed: Any, *, inside: bool) -> bool:
    for name, argument in parsed:
        if name in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            _, most, body = argument
            endless = most >= LONG
            if inside and endless and not _is_fenced(parsed):
                return True
            if _repeats_within(body, inside=inside or endless):
                return True
        elif name is sre.SUBPATTERN:
            if _repeats_within(argument[-1], inside=inside):
                return True
        elif name is sre.BRANCH:
            if any(_repeats_within(branch, inside=inside) for branch in argument[1]):
                return True
        elif name in (sre.ASSERT, sre.ASSERT_NOT) and _repeats_within(argument[1], inside=inside):
            return True
    return False


def _is_fenced(parsed: Any) -> bool:
    """Something that must stand between two rounds, as in ``(?:-[a-z]+)*``, and that cannot be
    taken for what repeats: then there is one way."""
    rest = [argument[2] for name, argument in parsed if name in (sre.MAX_REPEAT, sre.MIN_REPEAT)]
    return any(
        signs and not any(_takes(body, sign) for body in rest for sign in signs)
        for signs in (_signs(parsed[0]), _signs(parsed[-1]))
    )


def _signs(part: Any) -> list[int]:
    """The characters of a part that is one of so many, all of them written out."""
    name, argument = part
    if name is sre.LITERAL:
        return [argument]
    if name is sre.IN and all(kind is sre.LITERAL for kind, _ in argument):
        return [sign for _, sign in argument]
    return []


def _takes(body: Any, sign: int) -> bool:
    """Whether a repeated single character may be this one; anything longer: perhaps."""
    if len(body) != 1:
        return True
    name, argument = body[0]
    if name is sre.LITERAL:
        return bool(argument == sign)
    if name is not sre.IN:
        return True
    text, negated = chr(sign), any(kind is sre.NEGATE for kind, _ in argument)
    return negated != any(_is_one_of(kind, value, text) for kind, value in argument)


def _is_one_of(kind: Any, value: Any, text: str) -> bool:
    if kind is sre.LITERAL:
        return bool(value == ord(text))
    if kind is sre.RANGE:
        return bool(value[0] <= ord(text) <= value[1])
    if kind is sre.CATEGORY:
        classes = {"DIGIT": r"\d", "WORD": r"\w", "SPACE": r"\s"}
        word = str(value).removeprefix("CATEGORY_")
        found = re.match(classes[word.removeprefix("NOT_")], text) is not None
        return found != word.startswith("NOT_")
    return False


PATTERNS = dict(patterns())


def test_there_are_patterns_to_look_at() -> None:
    assert len(PATTERNS) > 20


@pytest.mark.parametrize("where", PATTERNS)
def test_a_pattern_has_one_way_through_a_text(where: str) -> None:
    assert not nests(_parser.parse(PATTERNS[where])), PATTERNS[where]


@pytest.mark.parametrize(
    "bad", [r"(a+)+$", r"(?:\s*\w+\s*)*x", r"(a|b*)*c", r"([a-z]+)*\d", r"(?:aa*)*b"]
)
def test_those_that_have_many_are_found(bad: str) -> None:
    assert nests(_parser.parse(bad))
    re.compile(bad)
