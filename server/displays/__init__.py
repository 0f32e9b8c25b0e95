"""Displays: stage mode and the venue's big screen, each with an address and a token of its own."""
