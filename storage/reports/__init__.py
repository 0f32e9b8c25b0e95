"""Reads a show for its report and its figures."""
