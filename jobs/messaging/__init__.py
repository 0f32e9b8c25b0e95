"""Sending messages: lanes, the carrier's adapter, broadcasts turned into messages, comparisons."""
