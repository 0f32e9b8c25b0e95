"""Reputations, settlements and clusters in PostgreSQL."""
