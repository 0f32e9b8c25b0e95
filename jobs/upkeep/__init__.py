"""Keeping the stores in shape: snapshots of rooms, deletion of what has had its time."""
