"""Where a bulk benchmark runs: addresses of its stand-ins, and a directory."""

import socket
from pathlib import Path
from typing import Any

import boto3
import msgspec
from botocore.config import Config


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Place(msgspec.Struct, frozen=True):
    """Everything a worker process has to be told."""

    directory: str
    bucket: str
    endpoint: str
    log_url: str
    table: str
    parts_url: str
    steps_url: str

    @property
    def root(self) -> Path:
        """The directory."""
        return Path(self.directory)

    def client(self, service: str) -> Any:
        """A boto3 client of the stand-in for AWS."""
        return client(self.endpoint, service)


def client(endpoint: str, service: str) -> Any:
    """A client of the stand-in at an address."""
    made: Any = boto3.client(  # type: ignore[call-overload]
        service,
        region_name="eu-west-1",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 -- the stand-in's
        aws_session_token=None,
        config=Config(retries={"mode": "standard", "max_attempts": 4}),
    )
    return made
