"""``python -m loadtests.capacity``: the size of a night, from what each thing costs.

`costs` holds what was measured, `model` the arithmetic; docs/capacity.md explains both.
"""
