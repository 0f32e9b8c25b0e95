"""From a template and its values to a response with its own nonce."""

from __future__ import annotations

import gzip
import secrets
from functools import partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from litestar import Request, Response
from markupsafe import Markup

from server.pages.assets import ClientBuild, Entry
from server.pages.texts import STATUSES, TEXTS, day, language_of_request, section_name

COMPRESSED_FROM_BYTES: Final = 1_400
"""Less fits into one packet anyway."""

GZIP_LEVEL: Final = 5


class Pages:
    """Renders templates."""

    def __init__(self, build: ClientBuild) -> None:
        self.build = build
        self._environment = Environment(
            loader=PackageLoader("server.pages"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def respond(
        self,
        request: Request[Any, Any, Any],
        template: str,
        *,
        status: int = 200,
        entry: Entry | None = None,
        build: ClientBuild | None = None,
        inline_styles: bool = False,
        **values: Any,
    ) -> Response[bytes]:
        """The page in the reader's language, compressed where the browser takes it.

        Args:
            entry: what the page loads, where that is not the room's app; files of ``build``.
            inline_styles: the styles come with the page: on a line where a round trip takes half
                a second, it is read that much sooner.
        """
        if build is None:
            build, entry = self.build, entry or self.build.entry
        language = language_of_request(request)
        nonce = secrets.token_urlsafe(16)
        html = self._environment.get_template(template).render(
            language=language,
            nonce=nonce,
            texts=TEXTS[language],
            statuses=STATUSES[language],
            section_name=partial(section_name, language=language),
            day=partial(day, language=language),
            entry=entry,
            preloads=entry.imports if entry else (),
            assets=build.url_path,
            icon=self.build.url("icon.svg"),
            home_icon=self.build.url("apple-touch-icon.png"),
            styles=Markup(build.text_of(entry.css)) if entry and inline_styles else "",
            **values,
        )
        headers = {
            "Content-Security-Policy": _policy(request, nonce),
            "Cache-Control": "private, no-cache",
            "Content-Language": language,
            "Vary": "Accept-Language, Accept-Encoding, Cookie",
        }
        body = html.encode()
        takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
        if takes_gzip and len(body) >= COMPRESSED_FROM_BYTES:
            body = gzip.compress(body, GZIP_LEVEL)
            headers["Content-Encoding"] = "gzip"
        return Response(body, status_code=status, media_type="text/html", headers=headers)


def _policy(request: Request[Any, Any, Any], nonce: str) -> str:
    """Only our own files and the scripts of this very page; sockets to the host it came from."""
    host = request.headers.get("host", "")
    sockets = (
        f" ws://{host} wss://{host}"
        if host.replace(".", "").replace(":", "").replace("-", "").isalnum()
        else ""
    )
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        f"font-src 'self'; img-src 'self' data:; connect-src 'self'{sockets}; "
        "manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
