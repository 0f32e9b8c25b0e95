"""A show's poster, to be printed: what it is, and the ways in."""
