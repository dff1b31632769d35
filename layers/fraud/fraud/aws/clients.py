"""boto3 clients of the control plane, made once, with timeouts below every function's own.

A call that is never answered gives up after 3 × (2 + 6) s and two pauses, which is less than the 30 s the shortest
function has, so the caller gets our 503 and not API Gateway's. Botocore's standard mode brings its own retry budget.
https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html
"""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

CONFIG = Config(
    connect_timeout=2,
    read_timeout=6,
    retries={"mode": "standard", "total_max_attempts": 3},
    s3={"addressing_style": "path"},
)
# A link to an object must carry version 4 as well: buckets made since 2020 accept no other.
S3_CONFIG = CONFIG.merge(Config(signature_version="s3v4"))


@cache
def client(service: str) -> Any:
    """The process's client of one AWS service; region, endpoint and credentials come from the environment."""
    return boto3.client(service, config=S3_CONFIG if service == "s3" else CONFIG)  # type: ignore[call-overload]
