"""Putting dead jobs back."""
