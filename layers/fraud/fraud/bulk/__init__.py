"""Bulk scoring: a file or a long list becomes parts, each scored once, and results that do not depend on retries."""
