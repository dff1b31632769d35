"""Labelled transactions are read from the public set's CSV and from .npz, or refused in words."""

from pathlib import Path

import numpy as np
import pytest

from training.artefacts import save_rows
from training.data import COLUMNS, UnreadableDataError, read
from training.generator import generate

HEADER = ",".join(f'"{name}"' for name in (*COLUMNS, "Class"))


def csv_of(path: Path, *lines: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def line(time: float, label: str, v: float = -1.359807) -> str:
    return ",".join([str(time), *[str(v)] * 28, "149.62", label])


def test_the_public_csv_with_quoted_classes_is_read(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "creditcard.csv", line(0, '"0"'), line(1, '"1"'), line(2, '"0"'))

    found = read(path)

    assert found.columns == COLUMNS
    assert found.y.tolist() == [0, 1, 0]
    assert found.X[1].tolist() == [1.0, *[-1.359807] * 28, 149.62]


def test_rows_are_put_in_order_of_time(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "shuffled.csv", line(9, "1"), line(2, "0", 5.0), line(2, "0", 6.0))

    found = read(path)

    assert found.X[:, 0].tolist() == [2, 2, 9]
    assert found.X[:, 1].tolist() == [5.0, 6.0, -1.359807]
    assert found.y.tolist() == [0, 0, 1]


def test_the_class_may_stand_anywhere_in_the_header(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "short.csv", "1,10.5,0", "0,11.5,1", header="Class,Amount,Time")

    found = read(path)

    assert found.columns == ("Amount", "Time")
    assert found.X.tolist() == [[10.5, 0.0], [11.5, 1.0]]
    assert found.y.tolist() == [1, 0]


def test_what_was_saved_as_npz_is_read_back(tmp_path: Path) -> None:
    made = generate(rows=400)
    save_rows(made, tmp_path / "rows.npz")

    found = read(tmp_path / "rows.npz")

    assert np.array_equal(found.X, made.X)
    assert np.array_equal(found.y, made.y)
    assert found.columns == made.columns


def test_rows_that_fit_into_single_precision_are_stored_so(tmp_path: Path) -> None:
    made = generate(rows=400)
    single = type(made)(made.X.astype(np.float32).astype(np.float64), made.y, made.columns)

    save_rows(single, tmp_path / "rows.npz")

    with np.load(tmp_path / "rows.npz") as file:
        assert file["X"].dtype == np.float32
    assert np.array_equal(read(tmp_path / "rows.npz").X, single.X)


@pytest.mark.parametrize(
    ("lines", "header", "words"),
    [
        ([line(0, "0")], HEADER.replace("Class", "Label"), "no column Class"),
        ([line(0, "0"), line(1, "0")], HEADER, "hold both"),
        ([line(0, "0"), line(1, "2")], HEADER, "0 and 1"),
        ([line(0, "0"), line(1, "1", float("nan"))], HEADER, "not finite"),
        ([line(0, "0"), line(1, "fraud")], HEADER, "fraud"),
        (["1,2", "0,3"], HEADER, "do not go with"),
    ],
)
def test_a_csv_of_something_else_is_refused(tmp_path: Path, lines: list[str], header: str, words: str) -> None:
    path = csv_of(tmp_path / "bad.csv", *lines, header=header)

    with pytest.raises(UnreadableDataError, match=words):
        read(path)


def test_an_empty_csv_a_missing_file_and_a_broken_npz_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "broken.npz").write_bytes(b"PK not really")

    for name in ("empty.csv", "missing.csv", "missing.npz", "broken.npz"):
        with pytest.raises(UnreadableDataError, match=name):
            read(tmp_path / name)


def test_shares_of_the_rows_are_taken_in_time_and_cover_all() -> None:
    made = generate(rows=1001)

    parts = [made.between(0, 0.6), made.between(0.6, 0.8), made.between(0.8, 1)]

    assert [len(part) for part in parts] == [601, 200, 200]
    assert np.array_equal(np.concatenate([part.X for part in parts]), made.X)
    assert len(made.first(10)) == 10
