"""taskiq tasks: imports, messaging, upkeep, each a thin adapter around a pure decision."""
