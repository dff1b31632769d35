"""Which version answers which request."""
