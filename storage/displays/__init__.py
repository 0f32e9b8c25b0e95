"""Displays in PostgreSQL."""
