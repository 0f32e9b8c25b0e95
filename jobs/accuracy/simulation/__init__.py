"""A simulation of the rule of accuracy over nights that were really played.

The lists are true, the raters are made up: `people` says how they err, `season` lets them rate
night after night while the artist seals some of them, `experiments` asks the questions, `report`
and `plot` write the answers down. Everything that is judged, weighed, clustered and settled here
is judged, weighed, clustered and settled by `rooms.accuracy`, as in a real room.
"""
