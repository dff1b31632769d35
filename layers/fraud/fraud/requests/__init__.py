"""The record of every request: what is stored, redacted, archived and found again."""
