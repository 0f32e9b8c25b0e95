"""Delivering what turns left in the outbox."""
