"""The model bucket as `deploy` uses it: quarantined reports in, packed models out, the evaluation set beside them."""

import hashlib
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fraud.versions import keys
from fraud.versions.drop_store import CHUNK_BYTES
from fraud.versions.quarantine import Drop
from fraud.versions.version import ModelVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = ("NoSuchKey", "404")


class ModelStore:
    """Reads and writes objects; what is absent is None, anything else AWS refuses is raised as it came."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def quarantined(self, key: str) -> bytes | None:
        """What `pack` wrote about one drop."""
        return self._get(key)

    def evaluation(self) -> bytes | None:
        """The operator's labelled rows as `.npz`."""
        return self._get(keys.EVALUATION_KEY)

    def packed(self, version: ModelVersion) -> bytes | None:
        """The packed model of a registered version."""
        return self._get(version.packed_key)

    def drop_sha256(self, drop: Drop) -> str | None:
        """SHA-256 of the very object version a report is about, read again on the trusted side."""
        which = {"VersionId": drop.version_id} if drop.version_id else {}
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=drop.key, **which)["Body"]  # type: ignore[arg-type]
        except ClientError as exc:
            if exc.response["Error"]["Code"] in (*_ABSENT, "NoSuchVersion"):
                return None
            raise
        digest = hashlib.sha256()
        for chunk in body.iter_chunks(CHUNK_BYTES):
            digest.update(chunk)
        return digest.hexdigest()

    def put_packed(self, key: str, data: bytes) -> None:
        """Store a packed model under its content-addressed key."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType="application/octet-stream")

    def _get(self, key: str) -> bytes | None:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as exc:
            if exc.response["Error"]["Code"] in _ABSENT:
                return None
            raise
