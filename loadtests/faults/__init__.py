"""Fault injection: kills, stops and hostile clients, judged by what clients can see."""
