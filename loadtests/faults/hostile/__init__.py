"""Inputs that no honest client sends, each with the answers that the contract allows."""
