"""One hostile drop, and the instructions of hand-written pickles."""

import io
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import joblib

ARTEFACT = "drops/{version}/model.joblib"


class Hostile(NamedTuple):
    """What is dropped and what an operator must read.

    `key` has the places `{version}` (a version nobody used before) and `{run}` (letters nobody used before). `words`
    occur in the reason ("a|b": one of them). `size`: how far the content is padded with zeros. `further`: another
    case of something the corpus holds already; it takes part in the quick tests alone.
    """

    name: str
    content: bytes
    words: str
    manifest: bytes | None = None
    key: str = ARTEFACT
    size: int = 0
    further: bool = False

    @property
    def body(self) -> bytes:
        """The whole object."""
        return self.content.ljust(self.size, b"\0")

    @property
    def file(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]


def pickled(body: bytes, protocol: int = 2) -> bytes:
    """A whole pickle of these instructions."""
    return b"\x80%c%s." % (protocol, body)


def name(full: str) -> bytes:
    """The global `module.attribute`."""
    module, _, attribute = full.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def dotted(module: str, path: str) -> bytes:
    """The global `path`, dots and all, of a module; protocol 4 walks it attribute by attribute."""
    return text(module) + text(path) + b"\x93"


def text(words: str) -> bytes:
    """A string."""
    encoded = words.encode()
    return b"X" + len(encoded).to_bytes(4, "little") + encoded


def number(value: int) -> bytes:
    """An integer below 2^31."""
    return b"J" + value.to_bytes(4, "little", signed=True)


def many(*parts: bytes) -> bytes:
    """A tuple."""
    return b"(" + b"".join(parts) + b"t"


def call(called: bytes, *arguments: bytes) -> bytes:
    """The result of calling something."""
    return called + many(*arguments) + b"R"


def dumped(artefact: object, **how: Any) -> bytes:
    """What joblib writes."""
    buffer = io.BytesIO()
    joblib.dump(artefact, buffer, **how)
    return buffer.getvalue()


def further(cases: Iterable[Hostile]) -> Iterator[Hostile]:
    """The same, marked as further cases."""
    return (case._replace(further=True) for case in cases)
