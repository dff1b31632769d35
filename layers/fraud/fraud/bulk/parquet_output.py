"""Parquet out: the lines of one part of a result as a Parquet file. Needs pyarrow."""

import io
from collections.abc import Iterable
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from fraud.scoring.prediction import Prediction

_KINDS = {str: pa.string(), float: pa.float64(), bool: pa.bool_(), int: pa.int64()}


def encode(lines: Iterable[dict[str, Any]]) -> bytes:
    """The lines as one row group, zstd; the same lines give the same bytes."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(lines), schema=SCHEMA), sink, compression="zstd")
    return sink.getvalue()


def _type(hint: Any) -> Any:
    if get_origin(hint) is list:
        return pa.list_(_type(get_args(hint)[0]))
    if get_origin(hint) is Literal:
        return pa.string()
    if get_origin(hint) in (UnionType, Union):
        return _type(next(one for one in get_args(hint) if one not in (type(None), msgspec.UnsetType)))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return pa.struct(_fields(hint))
    return _KINDS[hint]


def _fields(record: type[msgspec.Struct]) -> list[Any]:
    return [pa.field(name, _type(hint)) for name, hint in get_type_hints(record).items()]


SCHEMA = pa.schema([pa.field("row", pa.int64()), *_fields(Prediction)])
"""A row's number and its prediction, nested as in the API's answer."""
