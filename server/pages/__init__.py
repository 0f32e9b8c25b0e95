"""Pages: HTML from the server, readable without JavaScript, that the fan app takes over.

``/`` (live now, coming, recent) and ``/shows/{slug}`` (the room as it stands, or what was played
at a show of the past), the built client's files under ``/assets``, and a page for what is not
there.
"""

from server.pages.routes import routes

__all__ = ["routes"]
