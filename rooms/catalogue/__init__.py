"""The catalogue: artists, songs, venues, tours and what history knows of their shows.

``archive`` holds the structs of an archive that was read, ``reading`` turns a file's bytes into
them, whatever its format, and ``ports`` says what a store must be able to do with them.
"""
