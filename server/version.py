"""Which version of the product this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def _installed() -> str:
    try:
        return version("setroom")
    except PackageNotFoundError:  # run from its folder, without having been installed
        return "0"


VERSION: Final = _installed()
