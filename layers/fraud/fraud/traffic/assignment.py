"""Who gets the candidate: the same entity always does, and growing its share takes nobody out."""

import hashlib

BUCKETS = 1_000_000


def bucket(salt: str, key: str) -> int:
    """SHA-256(salt ‖ key) mod 10^6, the digest read as one big-endian number."""
    digest = hashlib.sha256((salt + key).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest, "big") % BUCKETS


def gets_candidate(salt: str, key: str, share: int) -> bool:
    """Whether the key lies within the candidate's share (parts per million)."""
    return share > 0 and bucket(salt, key) < share


def parts(percent: float) -> int:
    """Percent as parts per million."""
    return round(percent * BUCKETS / 100)
