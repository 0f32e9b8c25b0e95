"""What makes the fan's app one that can be installed: its manifest, service worker and shell."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from server.pages.assets import ClientBuild
from server.pages.files import file_response
from server.pages.rendering import Pages
from server.pages.texts import TEXTS, language_of

AnyRequest = Request[Any, Any, Any]

WORKER: Final = "sw.js"
WORKER_POLICY: Final = "default-src 'none'; connect-src 'self'; base-uri 'none'"
"""A worker fetches from here and nowhere else, and imports nothing."""

GROUND: Final = "#0c0b0d"
"""The dark ground of `clients/shared/ui/tokens.css`: what is seen while the app opens."""

ICONS: Final = (
    ("icon-192.png", 192, "any"),
    ("icon-512.png", 512, "any"),
    ("maskable-192.png", 192, "maskable"),
    ("maskable-512.png", 512, "maskable"),
    ("monochrome-512.png", 512, "monochrome"),
)
SCREENSHOTS: Final = (
    ("screenshot-narrow.png", "780x1688", "narrow"),
    ("screenshot-wide.png", "1440x900", "wide"),
)
SHORTCUTS: Final = {
    "en": (("Live now", "/#live"), ("Search", "/search")),
    "es": (("En directo", "/#live"), ("Buscar", "/search")),
}
LABELS: Final = {
    "en": "A show's room: the setlist as it is played, and a vote on what comes next",
    "es": "La sala de un concierto: el repertorio mientras suena y la votación de lo que viene",
}


def installed_routes(pages: Pages) -> list[ControllerRouterHandler]:
    """Handlers for ``/sw.js``, ``/manifest.webmanifest`` and ``/offline``."""

    @get("/sw.js", name="service_worker", include_in_schema=False)
    async def service_worker(request: AnyRequest) -> Response[bytes]:
        """The service worker of the whole site. Asked for anew each time: it names a build."""
        found = pages.build.files.get(WORKER)
        if found is None:
            raise NotFoundException("There is no service worker.")
        response = file_response(request, found)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = WORKER_POLICY
        return response

    @get("/manifest.webmanifest", name="manifest", include_in_schema=False)
    async def manifest(request: AnyRequest) -> Response[bytes]:
        """The web app manifest, in the reader's language."""
        language = language_of(
            request.headers.get("accept-language", ""), request.query_params.get("lang")
        )
        return Response(
            msgspec.json.encode(manifest_of(pages.build, language)),
            media_type="application/manifest+json",
            headers={"Cache-Control": "public, max-age=3600", "Vary": "Accept-Language"},
        )

    @get("/offline", name="offline", include_in_schema=False)
    async def offline(request: AnyRequest) -> Response[bytes]:
        """The app without a page: kept by the service worker, for any address without a network."""
        return pages.respond(request, "app.html", app="offline")

    return [service_worker, manifest, offline]


def manifest_of(build: ClientBuild, language: str) -> dict[str, Any]:
    """The manifest (W3C Web Application Manifest) in a language."""
    texts = TEXTS[language]
    return {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "name": "Setroom",
        "short_name": "Setroom",
        "description": texts["lead"],
        "lang": language,
        "dir": "ltr",
        "display": "standalone",
        "orientation": "any",
        "background_color": GROUND,
        "theme_color": GROUND,
        "categories": ["music", "entertainment", "social"],
        "icons": [
            {"src": url, "sizes": f"{pixels}x{pixels}", "type": "image/png", "purpose": purpose}
            for name, pixels, purpose in ICONS
            if (url := build.url(name))
        ],
        "shortcuts": [{"name": name, "url": url} for name, url in SHORTCUTS[language]],
        "screenshots": [
            {
                "src": url,
                "sizes": sizes,
                "type": "image/png",
                "form_factor": form,
                "label": LABELS[language],
            }
            for name, sizes, form in SCREENSHOTS
            if (url := build.url(name))
        ],
    }
