"""Setroom by text message: what a text says, which option it means, and what is answered. Pure."""
