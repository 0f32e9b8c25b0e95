"""Finished shows played again from their log."""
