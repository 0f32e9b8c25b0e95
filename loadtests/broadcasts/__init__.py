"""A broadcast to many, while workers are killed and the carrier has a bad day."""
