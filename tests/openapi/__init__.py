"""The OpenAPI document against a real node: `schemathesis` by every kind of person."""
