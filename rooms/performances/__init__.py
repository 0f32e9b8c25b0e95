"""What was played: from the setlist of a night that is over to performances of songs.

`derive` does it all, without I/O; `matching` says which song an entry is, `candidates` which
songs it may be where that is not certain.
"""
