"""The tamper-evident history of control actions."""
