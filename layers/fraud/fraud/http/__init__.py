"""HTTP in and out: one envelope for every error."""
