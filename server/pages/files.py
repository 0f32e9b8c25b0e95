"""A client's file as a response: for ever where its name holds a hash, compressed where taken."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from server.pages.assets import Asset

YEAR_S = 365 * 24 * 3600
HOUR_S = 3600


def file_response(request: Request[Any, Any, Any], asset: Asset) -> Response[bytes]:
    """The file, or 304 where the browser has it."""
    etag = f'"{asset.etag}"'
    lasts = f"max-age={YEAR_S}, immutable" if asset.immutable else f"max-age={HOUR_S}"
    headers = {"Cache-Control": f"public, {lasts}", "ETag": etag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    accepted = {
        part.split(";")[0].strip()
        for part in request.headers.get("accept-encoding", "").split(",")
        if "q=0" not in part.replace("q=0.", "")
    }
    body = asset.body
    for encoding, compressed in asset.encodings.items():
        if encoding in accepted:
            headers["Content-Encoding"] = encoding
            body = compressed
            break
    return Response(body, media_type=asset.media_type, headers=headers)
