"""The model bucket as `pack` uses it: it reads one drop and its manifest, and writes one report."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fraud.errors import InvalidArtefactError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 1 << 20
MAX_DROP_BYTES = 100 * 1024 * 1024
# without the right to list the bucket, S3 answers 403 for what is absent
_ABSENT = ("NoSuchKey", "AccessDenied", "404", "403")


class DropStore:
    """Reads exactly what the event names."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def fetch(self, key: str, version_id: str | None, target: Path, *, at_most: int) -> tuple[int, str]:
        """Stream an object into a file; its size and SHA-256. InvalidArtefactError when absent or too large."""
        which = {"VersionId": version_id} if version_id else {}
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key, **which)  # type: ignore[arg-type]
        except ClientError as exc:
            if exc.response["Error"]["Code"] in _ABSENT:
                raise InvalidArtefactError(f"{key} is not there any more", code="drop_missing") from exc
            raise
        if found["ContentLength"] > at_most:
            raise InvalidArtefactError(
                f"{found['ContentLength']} bytes exceed the limit of {at_most}", code="too_large"
            )
        digest, size = hashlib.sha256(), 0
        with target.open("wb") as file:
            for chunk in found["Body"].iter_chunks(CHUNK_BYTES):
                size += len(chunk)
                digest.update(chunk)
                file.write(chunk)
        return size, digest.hexdigest()

    def beside(self, key: str, name: str, target: Path, *, at_most: int) -> bool:
        """Fetch another file of the same drop; False when there is none."""
        try:
            self.fetch(key.rpartition("/")[0] + "/" + name, None, target, at_most=at_most)
        except InvalidArtefactError as error:
            if error.code == "drop_missing":
                return False
            raise
        return True

    def put_report(self, key: str, data: bytes) -> None:
        """Store the report; this is what sets `deploy` to work."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType="application/octet-stream")
