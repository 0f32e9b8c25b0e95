"""How a process reaches Redis or Valkey: one server, a service behind Sentinel, or a cluster."""
