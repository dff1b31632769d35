"""A reference trainer that produces a good model and drops it."""
