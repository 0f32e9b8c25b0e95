"""Accuracy over HTTP: the rule, one's own reputation, confidence, and what sources say."""
