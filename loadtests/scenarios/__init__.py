"""The load scenarios, one module each; `registry` says which there are."""
