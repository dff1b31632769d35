"""What lies beside an honest forest: manifests that are not strict, and keys that are not drops."""

import json
from collections.abc import Iterator
from typing import Any

from tests.hostile.case import ARTEFACT, Hostile, dumped
from tests.hostile.honest import WIDTH, forest

_LEADING = (
    *("of nothing", "with a byte order mark", "that is cut off", "with a repeated field", "with an unknown field"),
    *("with NaN", "with a huge number", "with a lone surrogate", "20 deep", "20,000 deep", "of 64 KiB and one byte"),
    *("with a threshold that is true", "with names that are numbers", "for other bytes", "with half a digest"),
    *("with a threshold of 7", "with two column names", "with names that repeat"),
)
KEYS = {
    "a key that climbs": "drops/../../{run}/model.joblib",
    "a key that climbs in the version": "drops/{version}/../{run}/model.joblib",
    "a version of two dots": "drops/..{run}/model.joblib",
    "an encoded slash": "drops/{version}%2F..%2F{run}/model.joblib",
    "a backslash": "drops/{version}\\..\\{run}/model.joblib",
    "a folder in a drop": "drops/{version}/{run}/model.joblib",
    "an empty version": "drops//{run}/model.joblib",
    "no version": "drops/model.joblib-{run}",
    "a word for a version": "drops/latest-{run}/model.joblib",
    "a version without its letter": "drops/1.0.0-{run}/model.joblib",
    "a version of two numbers": "drops/v1.0-{run}/model.joblib",
    "a version with a leading zero": "drops/v01.0.0-{run}/model.joblib",
    "a version with wide digits": "drops/v\uff11.0.0-{run}/model.joblib",
    "a version with Arabic digits": "drops/v\u0661.0.0-{run}/model.joblib",
    "a version of seven digits": "drops/v1234567.0.0-{run}/model.joblib",
    "a version with an empty suffix": "drops/{version}-/{run}",
    "a version with a plus": "drops/{version}+{run}/model.joblib",
    "a version with a space": "drops/{version} {run}/model.joblib",
    "a version with an accent": "drops/{version}-{run}é/model.joblib",
    "a version with a turned letter": "drops/{version}-\u202e{run}/model.joblib",
    "a version of 200 letters": "drops/{version}-{run}" + "x" * 200 + "/model.joblib",
    "a version with quotes": "drops/{version}'\"{run}/model.joblib",
    "a version with a variable": "drops/{version}$HOME{run}/model.joblib",
    "a file of another name": "drops/{version}/{run}.joblib",
    "a file in capitals": "drops/{version}-{run}/MODEL.JOBLIB",
    "a file of another kind": "drops/{version}-{run}/model.pkl",
    "a compressed file by name": "drops/{version}-{run}/model.joblib.gz",
    "a file with a space": "drops/{version}-{run}/model.joblib ",
    "a file with a dot": "drops/{version}-{run}/./model.joblib",
}


def beside() -> Iterator[Hostile]:
    """All of them."""
    honest = dumped(forest())
    for label, (manifest, words) in {**_SYNTAX, **_claims()}.items():
        yield Hostile(f"a manifest {label}", honest, words, manifest, further=label not in _LEADING)
    for label, key in KEYS.items():
        yield Hostile(label, honest, "", key=key)
    for file in ("model.txt", "model.json", "model.ubj", "model.skops"):
        yield Hostile(f"a forest called {file}", honest, "", key=ARTEFACT.replace("model.joblib", file))


_SYNTAX: dict[str, tuple[bytes, str]] = {
    "of nothing": (b"", "not usable"),
    "with a byte order mark": (b"\xef\xbb\xbf{}", "not usable"),
    "in UTF-16": ("{}".encode("utf-16"), "not usable"),
    "in Latin-1": (b'{"description": "\xe9"}', "not usable"),
    "that is a list": (b"[]", "not usable"),
    "that is a text": (b'"{}"', "not usable"),
    "that is cut off": (b'{"description": "a', "not usable"),
    "and more": (b"{} {}", "not usable"),
    "with comments": (b'{"threshold": 0.5 /* half */}', "not usable"),
    "with a comma too many": (b'{"threshold": 0.5,}', "not usable"),
    "with a repeated field": (b'{"threshold": 0.5, "threshold": 0.9}', "repeated"),
    "with a repeated claim": (b'{"metrics": {"f1": 0.1, "f1": 0.9}}', "repeated"),
    "with a repeated digest": (b'{"sha256": "%s", "sha256": null}' % (b"0" * 64), "repeated"),
    "with an unknown field": (b'{"on_load": "os.system"}', "on_load"),
    "with a prototype": (b'{"__class__": "os"}', "__class__"),
    "with NaN": (b'{"threshold": NaN}', "NaN"),
    "with infinity": (b'{"metrics": {"f1": Infinity}}', "Infinity"),
    "with 1e999": (b'{"metrics": {"f1": 1e999}}', "too large"),
    "with a huge number": (b'{"metrics": {"f1": %s}}' % (b"9" * 400), "too large"),
    "with a number of 5,000 digits": (b'{"metrics": {"f1": %s}}' % (b"9" * 5000), "not usable"),
    "with a lone surrogate": (b'{"description": "\\ud800"}', "surrogates"),
    "20 deep": (b'{"metrics": ' + b'{"a":' * 20 + b"1" + b"}" * 21, "deeper"),
    "20,000 deep": (b'{"metrics": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", "not usable"),
    "of 64 KiB and one byte": (
        b'{"description": "%s"}' % (b"a" * (64 * 1024 - 18)),
        "limit of 65536|65536 are allowed",
    ),
    "with a threshold that is true": (b'{"threshold": true}', "threshold"),
    "with a threshold in text": (b'{"threshold": "0.5"}', "threshold"),
    "with required in a number": (b'{"schema": {"features": [{"name": "a", "required": 1}]}}', "required"),
    "with names that are numbers": (b'{"feature_names": [1]}', "feature_names"),
}


def _claims() -> dict[str, tuple[bytes, str]]:
    names, stranger = [f"c{number}" for number in range(WIDTH)], {"features": [{"name": "x", "median": 1}]}
    claims: dict[str, tuple[dict[str, Any], str]] = {
        "for other bytes": ({"sha256": "0" * 64}, "names sha256"),
        "with half a digest": ({"sha256": "0" * 32}, "names sha256"),
        "with a digest of letters": ({"sha256": "é" * 64}, "names sha256"),
        "with a threshold of 0": ({"threshold": 0}, "threshold"),
        "with a threshold of 1": ({"threshold": 1.0}, "threshold"),
        "with a threshold of 7": ({"threshold": 7}, "threshold"),
        "with a threshold below 0": ({"threshold": -0.5}, "threshold"),
        "with two column names": ({"feature_names": ["a", "b"]}, "2 column names"),
        "with names that repeat": ({"feature_names": ["a", *names[1:-1], "A"]}, "differ"),
        "with an empty name": ({"feature_names": ["", *names[1:]]}, "printable"),
        "with a name of 200 letters": ({"feature_names": ["a" * 200, *names[1:]]}, ""),
        "with control characters": ({"feature_names": ["a\0", *names[1:]]}, "printable"),
        "with a median for nobody": ({"feature_names": names, "schema": stranger}, "medians"),
        "with a description of 3,000 letters": ({"description": "a" * 3000}, "description"),
        "with a commit of 300 letters": ({"git_commit": "a" * 300}, "git_commit"),
        "with half a digest of the data": ({"training_data_sha256": "0"}, "training_data_sha256"),
    }
    return {label: (json.dumps(claim).encode(), words) for label, (claim, words) in claims.items()}
