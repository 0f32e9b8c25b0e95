"""Counting. Pure and exact: integers only, computed from how many ballots show which picks.

::

    patterns   a ballot's picks as canonical text, and back
    pairs      who meets whom in a stage of a bracket
    scores     plurality, approval, borda, sum, net: a number per option
    irv        instant runoff: counting rounds, and who leaves in each
    results    the final result of a round
    ties       one winner among those who are tied, by lot
"""
