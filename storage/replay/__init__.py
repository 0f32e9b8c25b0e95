"""Finished shows' logs, read for playing them again."""
