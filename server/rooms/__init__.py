"""The socket door of rooms: ``GET /rooms/{show_id}`` (docs/protocol.md)."""
