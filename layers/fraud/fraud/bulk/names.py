"""Names of everything a batch stores, each computed from the batch and the part alone, so that doing a step again
writes the same objects again."""

import hashlib
import re

from fraud.errors import InvalidRequestError, Problem

INCOMING, WORK, RESULTS = "incoming/", "work/", "results/"
MANIFEST = "manifest.json"
NDJSON, CSV, PARQUET = "ndjson", "csv", "parquet"
FORMATS = (CSV, NDJSON, PARQUET)
_RESULT = re.compile(r"manifest\.json|(?:part|errors)-\d{5,}\.(?:ndjson|parquet)")


def of_object(key: str, identity: str) -> str:
    """The id of the batch that reads one stored object: whoever starts it, and however often, it is one batch."""
    return "b-" + hashlib.sha256(f"{key}\n{identity}".encode()).hexdigest()[:26]


def incoming_key(uri: str, bucket: str) -> str:
    """The key in `s3://<bucket>/incoming/<name>.csv|.ndjson|.parquet`; InvalidRequestError for anything else."""
    prefix = f"s3://{bucket}/"
    key = uri.removeprefix(prefix)
    if not uri.startswith(prefix + INCOMING) or format_of(key) is None:
        wanted = f"must be {prefix}{INCOMING}… and end in .csv, .ndjson or .parquet"
        raise InvalidRequestError(f"input {wanted}", details=[Problem("input", wanted)])
    return key


def format_of(key: str) -> str | None:
    """The format a key's ending names, None for none of ours."""
    ending = key.rpartition(".")[2].lower()
    return ending if ending in FORMATS else None


def work_key(batch_id: str, name: str) -> str:
    """Where something between input and results lies."""
    return f"{WORK}{batch_id}/{name}"


def result_key(batch_id: str, name: str) -> str:
    """Where a result lies."""
    return f"{RESULTS}{batch_id}/{name}"


def valid_result(name: str) -> bool:
    """Whether a name is one a result can have."""
    return _RESULT.fullmatch(name) is not None


def part_name(part: int, ending: str = NDJSON) -> str:
    """`part-00017.ndjson`."""
    return f"part-{part:05d}.{ending}"


def answers_key(batch_id: str, form: str, part: int) -> str:
    """Where the answers of a part go: a result, or of a Parquet batch what its results are made from."""
    if form == PARQUET:
        return work_key(batch_id, f"answers-{part:05d}.{NDJSON}")
    return result_key(batch_id, part_name(part))


def errors_name(part: int) -> str:
    """`errors-00017.ndjson`."""
    return f"errors-{part:05d}.{NDJSON}"


def derived_id(batch_id: str, row: int) -> str:
    """The transaction id of a row that has none."""
    return f"{batch_id}-{row}"
