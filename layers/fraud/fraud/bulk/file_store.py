"""The batch bucket: inputs read by ranges, parts and results written whole."""

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fraud.bulk import names
from fraud.bulk.job import Source
from fraud.errors import InvalidRequestError, NotFoundError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUFFER_BYTES = 1 << 20
LINK_SECONDS = 900
# without the right to list the bucket, S3 answers 403 for what is absent
_ABSENT = ("NoSuchKey", "NoSuchVersion", "AccessDenied", "404", "403")
_CHANGED = ("PreconditionFailed", "412")


class FileStore:
    """Reads and writes one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self.bucket = client, bucket

    def find(self, key: str, form: str, version_id: str | None = None) -> Source:
        """The object as it is now, or that version of it; raises NotFoundError."""
        try:
            pinned = {"VersionId": version_id} if version_id else {}
            found = self._client.head_object(Bucket=self.bucket, Key=key, **pinned)  # type: ignore[arg-type]
        except ClientError as exc:
            if exc.response["Error"]["Code"] in _ABSENT:
                raise NotFoundError(f"there is no s3://{self.bucket}/{key}", code="input_not_found") from exc
            raise
        return Source(key, form, version_id or found.get("VersionId"), found["ETag"])

    def size(self, source: Source) -> int:
        """Bytes of the whole object."""
        found = self._get(source, "bytes=0-0")
        return int(found["ContentRange"].rpartition("/")[2]) if _is_range(found) else int(found["ContentLength"])

    def reader(self, source: Source, offset: int) -> io.BufferedReader:
        """The object from a byte on, as a stream that holds 1 MiB at a time; empty behind its end."""
        try:
            found = self._get(source, f"bytes={offset}-")
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "InvalidRange":
                raise
            return io.BufferedReader(io.BytesIO())
        stream, left = io.BufferedReader(found["Body"], BUFFER_BYTES), 0 if _is_range(found) else offset
        while left and (passed := stream.read(min(left, BUFFER_BYTES))):
            left -= len(passed)
        return stream

    def read(self, source: Source, start: int, end: int) -> bytes:
        """The bytes `start` to before `end`."""
        found = self._get(source, f"bytes={start}-{end - 1}")
        data: bytes = found["Body"].read()
        return data if _is_range(found) else data[start:end]

    def whole(self, source: Source) -> bytes:
        """All of it."""
        with self.reader(source, 0) as stream:
            return stream.read()

    def put(self, key: str, data: bytes, kind: str = "application/x-ndjson") -> None:
        """Store an object, again the same when done again."""
        self._client.put_object(Bucket=self.bucket, Key=key, Body=data, ContentType=kind)

    def result_link(self, batch_id: str, name: str) -> str:
        """An address at which anybody may read one result for 15 minutes; raises NotFoundError for a wrong name."""
        if not names.valid_result(name):
            raise NotFoundError(f"no result is called {name}")
        place = {"Bucket": self.bucket, "Key": names.result_key(batch_id, name)}
        return self._client.generate_presigned_url("get_object", Params=place, ExpiresIn=LINK_SECONDS)

    def _get(self, source: Source, span: str) -> Any:
        """Raises InvalidRequestError when the object is gone, or is not the one the batch began with."""
        version, etag = source.version_id, source.etag
        pinned = {"VersionId": version} if version else {"IfMatch": etag} if etag else {}
        try:
            return self._client.get_object(Bucket=self.bucket, Key=source.key, Range=span, **pinned)  # type: ignore[arg-type]
        except ClientError as exc:
            if exc.response["Error"]["Code"] in (*_ABSENT, *_CHANGED):
                raise InvalidRequestError(f"{source.key} was removed or replaced", code="invalid_input") from exc
            raise


def _is_range(found: Any) -> bool:
    """Whether the answer is the range asked for: a server may answer with everything (RFC 9110 section 14.2), as the
    laptop's does for a version of an object."""
    return "ContentRange" in found
