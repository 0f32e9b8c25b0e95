"""Accounts, sessions and idempotency keys in PostgreSQL."""
