"""The setlist as a Yjs document: codec, schema, guard, ordering. Bytes in, bytes out."""
