"""Piccolo tables, migrations, and the adapters that keep and carry what rooms decide."""
