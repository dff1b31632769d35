"""The model bucket as `deploy` uses it: quarantined reports in, packed models out, the evaluation set beside them."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fraud.versions import keys
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
