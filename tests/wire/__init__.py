"""The wire contract, held to by a client that knows nothing but the wire."""
