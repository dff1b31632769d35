"""Open a dropped artefact: the only place a pickle is read."""

from pathlib import Path
from typing import NamedTuple

from fraud.errors import InvalidArtefactError, RejectedArtefactError
from fraud.packing.unpickler import RestrictedUnpickler

MAX_ARTEFACT_BYTES = 100 << 20
_PICKLE = b"\x80"
_PROTOCOLS = range(2, 6)
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"BZ": "bz2",
    b"\xfd7zXZ": "xz",
    b"\x5d\x00": "lzma",
    b"\x04\x22\x4d\x18": "lz4",
    b"\x78": "zlib",
}


class Loaded(NamedTuple):
    """An artefact, and the scikit-learn version that saved it (None for a bundle of no estimators)."""

    artefact: object
    trained_with: str | None


def load(path: Path) -> Loaded:
    """The object in an uncompressed joblib (or plain) pickle of protocol 2 to 5.

    Raises InvalidArtefactError or UnsupportedModelError, whatever the bytes are.
    """
    size = path.stat().st_size
    if size > MAX_ARTEFACT_BYTES:
        raise InvalidArtefactError(f"the artefact has {size} bytes; {MAX_ARTEFACT_BYTES} are allowed")
    with path.open("rb") as stream:
        _check_magic(stream.read(8))
        stream.seek(0)
        unpickler = RestrictedUnpickler(stream, size)
        try:
            artefact = unpickler.load()
        except RejectedArtefactError:
            raise
        except Exception as exc:  # hostile bytes can make an unpickler raise anything
            raise InvalidArtefactError(f"the pickle cannot be read: {type(exc).__name__}: {exc}") from exc
        if unpickler.bytes_left():
            raise InvalidArtefactError(f"{unpickler.bytes_left()} bytes follow the pickle")
    return Loaded(artefact, unpickler.trained_with)


def _check_magic(start: bytes) -> None:
    for magic, name in _COMPRESSED.items():
        if start.startswith(magic):
            raise InvalidArtefactError(f"the artefact is compressed ({name}); save it with joblib.dump(…, compress=0)")
    if start[:1] != _PICKLE or len(start) < 2 or start[1] not in _PROTOCOLS:
        raise InvalidArtefactError(f"the artefact is not a joblib pickle: it starts with {start!r}")
