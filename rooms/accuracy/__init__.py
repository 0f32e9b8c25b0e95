"""How far a setlist entry is to be believed: weights of raters, clusters, confidence, settlement.

Nothing here enters a round of the audience: a vote there counts as one vote.
"""
