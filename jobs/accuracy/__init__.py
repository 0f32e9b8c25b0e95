"""Settling ratings, finding clusters, computing anew, and the simulation of the rule."""
