"""What addresses hold."""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID

from litestar.params import FromPath

PathId: TypeAlias = FromPath[UUID]
"""An id in an address. One that is no UUID names nothing: 404."""
