"""``/j/{join_code}``: an address to be typed off a poster, which leads to the show's page."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from litestar.response import Redirect

from rooms.show import Access, is_announced
from rooms.shows.records import ShowRecord
from server.problems import not_found
from server.rate_limits import SHORT_ADDRESSES_BY_ADDRESS
from server.services import AppServices
from server.shows.codes import CODE_CHARACTERS, typed_code


def short_address() -> HTTPRouteHandler:
    """The route."""

    @get("/j/{code:str}", name="short-address", include_in_schema=False, status_code=303)
    async def follow(
        request: Request[Any, Any, Any],
        code: Annotated[str, PathParameter(max_length=40)],
        services: AppServices,
    ) -> Redirect:
        """303 to the show's page; with the code where the show asks for one."""
        address = request.client.host if request.client else "unknown"
        typed = typed_code(code)
        show = None
        if len(typed) == CODE_CHARACTERS:
            show = await services.show_store.by_join_code(typed)
        if show is None or _is_secret(show):
            # Where a code opens nothing nobody gains by guessing it, and one guesser must not shut
            # the door on a whole venue behind the same address.
            await services.limits.test(SHORT_ADDRESSES_BY_ADDRESS, address)
        if show is None:
            await services.limits.hit(SHORT_ADDRESSES_BY_ADDRESS, address)
            raise not_found("show")
        path = f"/shows/{show.slug}"
        if show.access is not Access.PUBLIC:
            path += f"?code={show.join_code}"
        return Redirect(path, status_code=303, headers={"Cache-Control": "no-store"})

    return follow


def _is_secret(show: ShowRecord) -> bool:
    return show.access is not Access.PUBLIC or not is_announced(show.status, show.join_code)
