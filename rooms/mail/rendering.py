"""HTML and text of a mail, from the same blocks."""

from __future__ import annotations

import textwrap
from functools import lru_cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from msgspec import Struct

from rooms.mail.blocks import Block, Content, Footer
from rooms.mail.texts import Words

TEXT_COLUMNS: Final = 72
"""Running text is wrapped here; addresses and titles are not."""


class Rendered(Struct, frozen=True):
    """A mail's two bodies."""

    html: str
    text: str


def render(content: Content, footer: Footer) -> Rendered:
    """Both bodies."""
    environment = _environment()
    values = {
        "content": content,
        "footer": footer,
        "words": Words(content.language),
        "kind_of": _kind_of,
        "lines": _lines,
        "wrapped": _wrapped,
    }
    return Rendered(
        html=environment.get_template("mail.html.j2").render(values),
        text=environment.get_template("mail.txt.j2").render(values).strip() + "\n",
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("rooms.mail"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _kind_of(block: Block) -> str:
    kind = block.__struct_config__.tag
    assert isinstance(kind, str)
    return kind


def _lines(text: str) -> Markup:
    """Line breaks stay."""
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def _wrapped(text: str, indent: str = "") -> str:
    return "\n".join(
        textwrap.fill(
            line,
            TEXT_COLUMNS,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.split("\n")
    )
