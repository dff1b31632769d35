"""Statistics that may be looked at any time: a test's error holds however often, and whenever, one looks."""
