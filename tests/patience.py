"""How long a test waits."""

PATIENT_S = 30.0
"""For what must come. It ends a test that has failed, and measures nothing: a machine with too
much to do may take its time."""
