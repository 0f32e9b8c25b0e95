"""Archiving: the final setlist of a show becomes performances of songs."""
