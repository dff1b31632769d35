"""boto3 clients of the control plane, made once, with timeouts below every function's own."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

CONFIG = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "max_attempts": 4},
    s3={"addressing_style": "path"},
)


@cache
def client(service: str) -> Any:
    """The process's client of one AWS service; region, endpoint and credentials come from the environment."""
    return boto3.client(service, config=CONFIG)  # type: ignore[call-overload]
