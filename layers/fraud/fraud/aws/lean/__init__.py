"""A small signed keep-alive client for the few AWS calls of the hot path.

Standard library and msgspec only: botocore costs 270 ms of a cold start and five times the CPU of a call.
"""

from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.aws.lean.client import LeanClient
from fraud.aws.lean.errors import ConditionFailedError, LeanError
from fraud.aws.lean.retry import Patience
from fraud.aws.lean.sigv4 import Credentials, environment_credentials

__all__ = [
    "ConditionFailedError",
    "Credentials",
    "LeanClient",
    "LeanError",
    "Patience",
    "environment_credentials",
    "from_attributes",
    "to_attributes",
]
