"""Checkpoints of the audit chain in S3, where who writes the table cannot change them."""

from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import ClientError

from fraud.audit.examine import Checkpoint

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "checkpoints/"
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")


class CheckpointArchive:
    """Writes each checkpoint once and reads them in order."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def put(self, checkpoint: Checkpoint) -> bool:
        """Keep a checkpoint for good; False when somebody else wrote one under its number first."""
        key = f"{PREFIX}{checkpoint.number:08d}.json"
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=msgspec.json.encode(checkpoint),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",  # a bucket with Object Lock asks for one
                IfNoneMatch="*",
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] in _TAKEN:
                return False
            raise
        return True

    def checkpoints(self) -> list[Checkpoint]:
        """Every checkpoint, oldest first, each as first written: a later version of its object counts for nothing."""
        return [self._read(key, version) for key, version in sorted(self._first_versions().items())]

    def _first_versions(self) -> dict[str, str]:
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=PREFIX)
        held = [one for page in pages for one in page.get("Versions", [])]
        # newest first within a key: the last one seen is the first one written
        return {one["Key"]: one["VersionId"] for one in held}

    def _read(self, key: str, version: str) -> Checkpoint:
        body = self._client.get_object(Bucket=self._bucket, Key=key, VersionId=version)["Body"].read()
        return msgspec.json.decode(body, type=Checkpoint)
