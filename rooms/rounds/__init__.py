"""Timed votes: what makes sense, how it is counted, when it ends. Pure."""
