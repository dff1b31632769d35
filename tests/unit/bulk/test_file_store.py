"""Reading a part of an object from a server that keeps to ranges, and from one that answers with everything."""

import io
import re
from typing import Any

import pytest

from fraud.bulk.file_store import FileStore
from fraud.bulk.job import Source

DATA = bytes(range(256)) * 20
SOURCE = Source("incoming/a.csv", "csv", "version-1")


class Ranged:
    """S3 with one object."""

    def get_object(self, *, Range: str, **_: str) -> dict[str, Any]:
        first, last = re.fullmatch(r"bytes=(\d+)-(\d*)", Range).groups()  # type: ignore[union-attr]
        body = DATA[int(first) : int(last) + 1 if last else None]
        told = {"Body": io.BytesIO(body), "ContentLength": len(body)}
        return {**told, "ContentRange": f"bytes {first}-{last}/{len(DATA)}"}


class Whole:
    """A server that knows no ranges."""

    def get_object(self, **_: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(DATA), "ContentLength": len(DATA)}


@pytest.mark.parametrize("server", [Ranged(), Whole()], ids=["ranged", "whole"])
def test_what_is_read_is_what_was_asked_for(server: Any) -> None:
    files = FileStore(server, "batches")
    assert files.size(SOURCE) == len(DATA)
    assert files.read(SOURCE, 300, 307) == DATA[300:307]
    for offset in (0, 1, 5000, len(DATA)):
        with files.reader(SOURCE, offset) as stream:
            assert stream.read() == DATA[offset:]
