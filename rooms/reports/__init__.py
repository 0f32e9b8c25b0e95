"""A show in numbers: what crew sees, and what may be said to who must not find a person in it."""
