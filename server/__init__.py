"""Litestar app: composition root, HTTP, websocket and webhook doors, auth, pages, metrics."""
