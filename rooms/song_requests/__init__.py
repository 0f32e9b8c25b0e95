"""Song requests: what is wished for, in which order it is fair to play it, what came of it.

- ``requests``: a request and its life.
- ``queue``: a queue's requests and their support, from a room's state.
- ``ranking``: the fair order.
- ``matching``: which titles are the same, and which only resemble each other.
- ``played``: what was played tonight already.
- ``views``: what each audience may see.
"""
