"""The packed model: a header and flat arrays, checked on every load, evaluated without any numeric library."""
