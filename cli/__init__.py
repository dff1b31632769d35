"""fraudctl: what an operator types."""
