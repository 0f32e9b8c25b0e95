"""Screens at a show that are nobody: records and ports; no I/O."""
