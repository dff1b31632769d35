"""Rows of a part as the JSON that is scored."""

import json

import pytest

from fraud.bulk.columns import Columns
from fraud.bulk.rows import Row, rows
from fraud.errors import InvalidRequestError
from fraud.scoring.schema import schema_of

SCHEMA = schema_of(("Time", "V1", "V2", "Amount"))


def columns(header: str) -> Columns:
    return Columns(header.split(","), SCHEMA)


def read(data: str, header: str | None = None, first_row: int = 1) -> list[Row]:
    return list(rows(data.encode(), columns(header) if header else None, "b-1", first_row))


def test_a_header_is_matched_whatever_its_case_and_the_label_is_passed_over() -> None:
    # WHEN
    [row] = read(
        "7,-1.5,2e3,9.99,1,o-1,travel,Paris,card-1\n",
        "Time,v1,V2,AMOUNT,Class,Transaction_ID,merchant_category,location,entity_id",
    )

    # THEN
    assert json.loads(row.text) == {
        "transaction_id": "o-1",
        "amount": 9.99,
        "time": 7.0,
        "features": {"V1": -1.5, "V2": 2000.0},
        "merchant_category": "travel",
        "location": "Paris",
        "entity_id": "card-1",
    }


def test_empty_cells_are_left_out_and_a_missing_id_is_derived_from_batch_and_row() -> None:
    # WHEN
    found = read("1,,2,3\n\n4, ,,5\n", "Time,V1,V2,Amount", first_row=41)

    # THEN
    assert [(one.number, json.loads(one.text)) for one in found] == [
        (41, {"transaction_id": "b-1-41", "amount": 3, "time": 1, "features": {"V2": 2}}),
        (42, {"transaction_id": "b-1-42", "amount": 5, "time": 4, "features": {}}),
    ]


def test_what_is_no_finite_number_stays_text_for_the_scorer_to_refuse_by_name() -> None:
    # WHEN
    [row] = read("nan,1_000,inf,abc\n", "Time,V1,V2,Amount")

    # THEN
    told = json.loads(row.text)
    assert (told["time"], told["features"], told["amount"]) == ("nan", {"V1": "1_000", "V2": "inf"}, "abc")


def test_an_id_that_looks_like_a_number_stays_as_it_is_written() -> None:
    # WHEN
    [row] = read("1,2,0042\n", "Time,Amount,transaction_id")

    # THEN
    assert json.loads(row.text)["transaction_id"] == "0042"


@pytest.mark.parametrize(
    ("line", "words"),
    [("1,2\n", "has 2 cells"), ('1,"2" x,3\n', "not CSV"), ("1,2,\udcff\n", "not CSV")],
    ids=["short", "quotes", "utf-8"],
)
def test_a_row_that_is_no_row_of_the_table_is_named_and_costs_only_itself(line: str, words: str) -> None:
    # WHEN
    data = ("1,1,1\n" + line + "2,2,2\n").encode(errors="surrogateescape")
    found = list(rows(data, columns("Time,V1,Amount"), "b-1", 1))

    # THEN
    assert [one.number for one in found] == [1, 2, 3]
    assert found[0].unreadable is None
    assert found[2].unreadable is None
    assert words in str(found[1].unreadable)


def test_a_quoted_cell_may_hold_a_line_end() -> None:
    # WHEN
    found = read('1,"a, ""b""\nc",2\n3,d,4\n', "Time,location,Amount")

    # THEN
    assert [json.loads(one.text)["location"] for one in found] == ['a, "b"\nc', "d"]


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("Time,V1,Amount,V99", ["V99"]),
        ("Time,V1,v1,Amount", ["v1"]),
        ("V1,V2", ["amount", "time"]),
        ("Time;V1;Amount", ["Time;V1;Amount", "amount", "time"]),
    ],
)
def test_a_header_that_cannot_be_meant_is_refused_with_every_column_named(header: str, fields: list[str]) -> None:
    # WHEN / THEN
    with pytest.raises(InvalidRequestError) as refused:
        columns(header)
    assert [one["field"] for one in refused.value.details] == fields
    assert refused.value.code == "invalid_input"


def test_json_lines_pass_unchanged_but_for_a_missing_id() -> None:
    # GIVEN
    lines = ['{"transaction_id":"o-1","amount":1}', '{"amount":NaN}', "[1]", "no json"]

    # WHEN
    found = read("\n".join(lines))

    # THEN
    assert [one.text.decode().strip() for one in found] == [
        lines[0],
        '{"transaction_id": "b-1-2", "amount": NaN}',
        lines[2],
        lines[3],
    ]
