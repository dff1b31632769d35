"""Read `model.joblib`: the only place a pickle is opened, and only one that was followed to its end before."""

import importlib
import mmap
from pathlib import Path

from fraud.errors import InvalidArtefactError, RejectedArtefactError
from fraud.packing.loader import Loaded
from fraud.packing.rehearsal import rehearse

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


def read(path: Path) -> Loaded:
    """The object in an uncompressed joblib (or plain) pickle of protocol 2 to 5.

    Raises InvalidArtefactError or UnsupportedModelError, whatever the bytes are.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        _check_magic(stream.read(8))
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            rehearse(mapped, size)
        stream.seek(0)
        unpickler = importlib.import_module("fraud.packing.unpickler").RestrictedUnpickler(stream, size)
        try:
            artefact = unpickler.load()
        except RejectedArtefactError:
            raise
        except Exception as exc:  # hostile bytes can make an unpickler raise anything
            raise InvalidArtefactError(f"the pickle cannot be read: {type(exc).__name__}: {str(exc)[:200]}") from exc
    return Loaded(artefact, unpickler.trained_with)


def _check_magic(start: bytes) -> None:
    for magic, name in _COMPRESSED.items():
        if start.startswith(magic):
            raise InvalidArtefactError(f"the artefact is compressed ({name}); save it with joblib.dump(…, compress=0)")
    if start[:1] != _PICKLE or len(start) < 2 or start[1] not in _PROTOCOLS:
        raise InvalidArtefactError(f"the artefact is not a joblib pickle: it starts with {start!r}")
