"""The fast way out: already encoded frames, handed to many connections. See docs/egress.md."""
