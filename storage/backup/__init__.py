"""Backups: one file that a running deployment writes, and what brings it back.

``archive``: the file. ``dumping``: writes one. ``restoring``: reads one into a schema beside the
present one and changes places at the end. ``adopting``: what a database that was brought back,
by whatever means, has to be told.
"""
