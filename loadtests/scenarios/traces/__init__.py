"""Edits of setlists made from recorded editing sessions; see `mapping` for how."""
