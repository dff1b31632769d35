"""Instructions no honest pickle holds, and small files that are large, endless or cut off once they are followed."""

import pickle
import pickletools
from collections.abc import Iterator

from tests.hostile.case import Hostile, call, dumped, many, name, number, pickled, text
from tests.hostile.honest import forest

ARRAY = call(name("numpy._core.multiarray._reconstruct"), name("numpy.ndarray"), number(0) + b"\x85", text("b"))
WRAPPER = name("joblib.numpy_pickle.NumpyArrayWrapper") + b")\x81"
FOREST = name("sklearn.ensemble._forest.RandomForestClassifier")
PIPELINE = name("sklearn.pipeline.Pipeline")
NOT_ALLOWED = "instruction that is not allowed"
CUT = "cannot be read"


def streams() -> Iterator[Hostile]:
    """All of them."""
    for label, body, words in (*_instructions(), *_misuse(), *_lies(), *_bombs()):
        yield Hostile(label, pickled(body, 4), words)
    yield from _damaged()


def _instructions() -> Iterator[tuple[str, bytes, str]]:
    command = text("touch hacked")
    for label, body in {
        "extension 1": b"\x82\x01",
        "extension 2": b"\x83\x01\x00",
        "extension 4": b"\x84\x01\x00\x00\x00",
        "persistent id": text("s3://anywhere") + b"Q",
        "persistent id in text": b"Pfile:///etc/passwd\n",
        "instance": b"(" + command + b"ios\nsystem\n",
        "object": b"(" + name("sklearn.pipeline.Pipeline") + b"o",
        "new object with keywords": FOREST + b")}\x92",
        "out-of-band buffer": b"\x97",
        "read-only buffer": b"\x97\x98",
        "text integer": b"I" + b"9" * 4000 + b"\n",
        "text long": b"L" + b"9" * 4000 + b"L\n",
        "long of 4-byte length": b"\x8b\x00\x00\x00\x7f",
        "text float": b"F1e400\n",
        "evaluated string": b"S'a'\n",
        "text memo": b"]p0\ng0\n",
        "duplicate": b"]2",
    }.items():
        yield label, body, NOT_ALLOWED
    yield "an unknown instruction", b"\xff", CUT
    yield "a later protocol", b"\x80\x06N", CUT


def _misuse() -> Iterator[tuple[str, bytes, str]]:
    state = b"}" + text("predict_proba") + FOREST + b"s"
    yield "state for a class", FOREST + state + b"b", "gives state to"
    yield "state for a number", number(1) + state + b"b", "gives state to"
    yield "state for a text", text("a") + state + b"b", "gives state to"
    yield "a class called", FOREST + b")R", "may not be called"
    yield (
        "an array type called",
        name("numpy.ndarray") + many(number(1_000_000_000) + b"\x85") + b"R",
        "may not be called",
    )
    yield "an object called", FOREST + b")\x81)R", "may not be called"
    yield "a call without a tuple", name("numpy.dtype") + text("f8") + b"R", "may not be called"
    yield "an object made with arguments", FOREST + number(5) + b"\x85\x81", "may not be made"
    yield "a dtype made empty", name("numpy.dtype") + b")\x81", "may not be made"
    yield "a function made empty", name("builtins.getattr") + b")\x81", "may not be made"
    yield "an entry set in an array", ARRAY + number(0) + number(1) + b"s", "as if it were a dict"
    yield "entries set in a list", b"](" + number(0) + number(1) + b"u", "as if it were a dict"
    yield "an append to an object", FOREST + b")\x81" + number(1) + b"a", "as if it were a list"
    yield "a set that is a list", b"](" + number(1) + b"\x90", "as if it were a set"
    yield "a key that is a tuple", b"}" + many(number(1)) + number(1) + b"s", "no plain value"
    yield "a key that is an object", b"}" + FOREST + b")\x81" + number(1) + b"s", "no plain value"
    yield "an empty stack", b"R", CUT
    yield "a memo that was never written", b"h\x07", CUT
    yield "a mark that was never set", b"t", CUT
    yield (
        "state that is no dictionary",
        FOREST + b")\x81" + many(text("a"), text("b")) + b"b",
        "state of a RandomForest",
    )
    yield (
        "state with keys that are numbers",
        FOREST + b")\x81}" + number(1) + number(2) + b"sb",
        "state of a RandomForest",
    )


def _lies() -> Iterator[tuple[str, bytes, str]]:
    for label, start in {
        "bytes": b"\x8e", "text": b"\x8d", "changeable bytes": b"\x96", "a frame": b"\x95",
    }.items():  # fmt: skip
        for power in (30, 62):
            yield f"{label} of 2^{power}", start + (1 << power).to_bytes(8, "little"), ""
    yield "text that is not UTF-8", b"X\x02\x00\x00\x00\xff\xfe", CUT
    yield "an array of 10^12 numbers", _array(many(_long(10**12)), "f8"), "cut off"
    yield "an array of 2^62 numbers", _array(many(_long(1 << 62)), "f8"), "cut off"
    yield "an array of -1 numbers", _array(many(number(-1)), "f8"), "forged"
    yield "an array whose sides overflow", _array(many(*[_long(1 << 40)] * 3), "f8"), "cut off"
    yield "an array of sub-arrays", _array(many(number(1)), "(9,9)f8"), "forged"
    yield "an array of records", _array(many(number(1)), "f8,O"), "forged"
    yield "an array of 10^9-letter texts", _array(many(number(1)), "U999999999"), "forged"
    yield "an array of dates", _array(many(number(1)), "M8[ns]"), "forged"
    yield "an array without a shape", WRAPPER + b"}b", "forged"
    yield "an array whose dtype is text", WRAPPER + _described(many(number(1)), text("f8")) + b"b", "forged"
    yield "an array of numbers as a memory map", _array(many(number(1)), "f8", order="A") + bytes(8), "layout"


def _bombs() -> Iterator[tuple[str, bytes, str]]:
    yield "a million and more marks", b"(" * 1_200_000, "instructions"
    yield "a million and more memos", b"]" + b"\x94" * 1_200_000, "instructions"
    yield "a million and more lists", b"(" + b"]" * 1_200_000 + b"t", "instructions"
    yield "lists 100,000 deep", b"]" * 100_000 + b"a" * 99_999, "nests deeper"
    yield "tuples 100,000 deep", b")" + b"\x85" * 100_000, "nests deeper"
    yield "tuples that double 60 times", _doubling(b")", b"\x86", 60), "far larger"
    yield "lists that double 60 times", _doubling(b"]", b"\x86", 60), "far larger"
    yield "a shape that doubles 60 times", _array(_doubling(b")", b"\x86", 60), "f8"), "forged"
    yield "a dtype that doubles 60 times", call(name("numpy.dtype"), _doubling(b")", b"\x86", 60)), "far larger"
    yield "pipelines that double 40 times", _pipelines(40), "far larger"
    yield (
        "4,000 times one name of 1 MB",
        b"X\x00\x00\x10\x00" + b"n" * (1 << 20) + b"\x94]" + b"(" + b"h\x00" * 4000 + b"e",
        "far larger",
    )
    yield (
        "keys of one hash",
        b"}(" + b"".join(_long(k * ((1 << 61) - 1)) + b"N" for k in range(1, 50_000)) + b"u",
        "no plain value",
    )
    yield "a list that holds itself", b"]\x94h\x00a", "holds itself"
    yield (
        "a pipeline that holds itself",
        PIPELINE + b")\x81\x94}" + text("steps") + b"]" + many(text("a"), b"h\x00") + b"asb",
        "holds itself",
    )
    yield "arrays in arrays in arrays", _nested(12), "nest too deep"


def _long(value: int) -> bytes:
    encoded = pickle.encode_long(value)
    return b"\x8a%c" % len(encoded) + encoded


def _doubling(start: bytes, pair: bytes, times: int) -> bytes:
    return start + b"".join(b"\x94h%c%s" % (level, pair) for level in range(times))


def _pipelines(times: int) -> bytes:
    body = PIPELINE + b")\x81"
    for level in range(times):
        steps = b"](" + many(text("a"), b"h%c" % level) + many(text("b"), b"h%c" % level) + b"e"
        body += b"\x94" + PIPELINE + b")\x81}" + text("steps") + steps + b"sb"
    return body


def _described(shape: bytes, dtype: bytes, order: str = "C") -> bytes:
    entries = {"shape": shape, "dtype": dtype, "order": text(order), "subclass": name("numpy.ndarray")}
    return b"}(" + b"".join(text(key) + value for key, value in entries.items()) + b"u"


def _array(shape: bytes, code: str, order: str = "C") -> bytes:
    return WRAPPER + _described(shape, call(name("numpy.dtype"), text(code)), order) + b"b"


def _nested(times: int) -> bytes:
    start = _array(many(number(1)), "O8")
    return (start + b"\x80\x04") * times + b"N" + b"." * times


def _damaged() -> Iterator[Hostile]:
    honest = dumped(forest())
    for share in (0.02, 0.2, 0.5, 0.9, 0.999):
        yield Hostile(f"{share:.1%} of a forest", honest[: int(len(honest) * share)], "")
    yield Hostile("a forest without its last byte", honest[:-1], CUT)
    yield Hostile("a forest and one byte more", honest + b"\0", "1 bytes follow")
    yield Hostile("a forest twice", honest * 2, "bytes follow")
    yield Hostile("a forest of zeros", honest[:200] + bytes(len(honest) - 200), "")
    yield Hostile("a forest backwards", honest[::-1], "")
    plain = pickle.dumps(forest(), protocol=2)
    yield Hostile("a forest in optimised protocol 0 clothes", b"(" + pickletools.optimize(plain), "not a joblib pickle")
    yield Hostile("protocol 0", pickle.dumps({"a": 1}, protocol=0), "not a joblib pickle")
    yield Hostile("protocol 1", pickle.dumps([1], protocol=1), "not a joblib pickle")
    yield Hostile("protocol 6", b"\x80\x06N.", "not a joblib pickle")
