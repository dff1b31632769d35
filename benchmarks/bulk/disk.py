"""A stand-in for S3: objects are files below a directory, and only the calls bulk scoring makes are known."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from fraud.traffic.routing import Routing
from fraud.versions.version import ModelVersion


class DiskS3:
    """The shape of boto3's client."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def head_object(self, *, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:
        """An object's ETag, which is its size."""
        return {"ETag": str((self._root / Bucket / Key).stat().st_size)}

    def get_object(self, *, Bucket: str, Key: str, Range: str = "bytes=0-", **_: Any) -> dict[str, Any]:
        """The bytes of a range, and which they are."""
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", Range)
        assert found is not None
        place = self._root / Bucket / Key
        told = {"ContentRange": f"{Range.replace('=', ' ')}/{place.stat().st_size}"}
        file = place.open("rb")
        file.seek(int(found[1]))
        if not found[2]:
            return {"Body": file, **told}
        with file:
            return {"Body": io.BytesIO(file.read(int(found[2]) + 1 - int(found[1]))), **told}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:
        """All or nothing, as S3 does it."""
        place = self._root / Bucket / Key
        place.parent.mkdir(parents=True, exist_ok=True)
        whole = place.with_suffix(".part")
        whole.write_bytes(Body)
        whole.rename(place)


class DiskModel:
    """The one version there is, as `scoring.store` would read it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def routing(self) -> None:
        """Nothing is live: batches name their version."""

    def served_before(self, _: Routing) -> Iterator[str]:
        """No version."""
        return iter(())

    def version(self, version: str) -> ModelVersion:
        """Its record."""
        record: ModelVersion = msgspec.json.decode((self._root / "version.json").read_bytes(), type=ModelVersion)
        assert record.version == version
        return record

    def packed(self, version: ModelVersion) -> bytes:
        """Its bytes."""
        return (self._root / version.packed_key).read_bytes()
