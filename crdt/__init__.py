"""The setlist as a Yjs document: codec, schema, guard, ordering. Bytes in, bytes out.

Where to start reading:

- ``frames`` and ``awareness``: what travels on the socket.
- ``document``: the document; ``edits``: what the server itself writes into it.
- ``past``: the document at any place of its log; ``rewriting``: what was, written again.
- ``guard``: how an update from outside is judged (``judge``), with ``permissions`` (who may
  do what) and ``verdicts`` (how it ends).
- ``schema`` and ``ordering``: what an entry is, and how entries are kept in order.
- ``update_reader``, ``causality``, ``places`` (with ``slots`` and ``runs``): what is inside an
  update, and where it belongs.

Nothing here awaits, reads a clock, or draws random numbers on its own.
"""
