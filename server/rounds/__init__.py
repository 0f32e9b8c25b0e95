"""Rounds over HTTP: drafts, the steps of a round, votes."""
