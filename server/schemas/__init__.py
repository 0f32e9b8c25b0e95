"""What is generated from the room's structs, so that the contract exists once.

``python -m server.schemas --write`` writes the JSON Schema, the AsyncAPI document, the clients'
TypeScript types and the generated parts of ``docs/protocol.md``; ``--check`` says which of them
no longer fit the structs, and fails.
"""
