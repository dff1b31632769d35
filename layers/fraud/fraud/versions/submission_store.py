"""The buckets as the webhook uses them: look at an object CI names, copy it into `drops/`."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from fraud.errors import TooLargeError
from fraud.versions import keys
from fraud.versions.drop_store import CHUNK_BYTES, MAX_DROP_BYTES

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = ("NoSuchKey", "NoSuchBucket", "AccessDenied", "404", "403")


class Source(NamedTuple):
    """An object by its address."""

    bucket: str
    key: str


class Inspected(NamedTuple):
    """An object as it was read: its ETag pins the bytes that were hashed."""

    source: Source
    etag: str
    sha256: str


class SubmissionStore:
    """Reads allowed sources, writes drops."""

    def __init__(self, client: "S3Client", model_bucket: str) -> None:
        self._client, self._bucket = client, model_bucket

    def inspect(self, source: Source) -> Inspected | None:
        """Hash an object while streaming it; None when absent, TooLargeError above the artefact limit."""
        try:
            found = self._client.get_object(Bucket=source.bucket, Key=source.key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        if found["ContentLength"] > MAX_DROP_BYTES:
            raise TooLargeError(f"the object has {found['ContentLength']} bytes; {MAX_DROP_BYTES} are allowed")
        digest = hashlib.sha256()
        for chunk in found["Body"].iter_chunks(CHUNK_BYTES):
            digest.update(chunk)
        return Inspected(source, found["ETag"], digest.hexdigest())

    def drop(self, found: Inspected, drop_key: str, manifest: Mapping[str, Any]) -> None:
        """Copy exactly the inspected bytes to a drop, its manifest first."""
        beside = drop_key.rpartition("/")[0] + f"/{keys.MANIFEST_FILE}"
        self._client.put_object(Bucket=self._bucket, Key=beside, Body=json.dumps(manifest).encode())
        self._client.copy_object(
            Bucket=self._bucket,
            Key=drop_key,
            CopySource={"Bucket": found.source.bucket, "Key": found.source.key},
            CopySourceIfMatch=found.etag,
        )
