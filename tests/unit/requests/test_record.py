"""The record gives back the answer word for word, and tells the log what a person wants to read."""

import struct
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fraud.aws.lean.attributes import from_attributes, to_attributes
from fraud.requests.record import decision_item, failure_item, log_line, prediction_of
from fraud.scoring.packed.attribution import Attribution
from fraud.scoring.prediction import Prediction, explain
from fraud.scoring.risk import Adjustment

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
NAMES = ("amount", "time", "V1")
small = st.floats(-50, 50)
probabilities = st.floats(0, 1)


@st.composite
def predictions(draw: st.DrawFn) -> Prediction:
    contributions = (draw(small), draw(small), draw(small))
    attribution = Attribution("single_reference_shapley", "log_odds", draw(small), draw(small), contributions)
    row = [draw(st.floats(0, 1e300)), draw(st.floats(0, 1e6)), draw(small)]
    told = explain(
        NAMES, row, attribution, adjustments=[Adjustment("amount_band", 1.5, "why")], confidence=0.5,
        recommendation="verify",
    )  # fmt: skip
    return Prediction("t-1", draw(st.booleans()), draw(probabilities), 12.5, "v1.0.0", 0.1, told, False, ["V1"], "r-1")


def item_of(prediction: Prediction, row: list[float]) -> dict[str, object]:
    item = decision_item(
        prediction, digest="d", row=row, free_fields={"location": "tok_1"}, endpoint="/predict", amount=row[0], at=AT,
        retention=timedelta(days=30),
    )  # fmt: skip
    return from_attributes(to_attributes(item))


@given(predictions())
def test_the_stored_answer_is_the_answer(prediction: Prediction) -> None:
    stored = item_of(prediction, [1.0, 2.0, 3.0])
    assert prediction_of(stored, cache_hit=False) == prediction


@given(predictions(), st.floats(0, 1e-200))
def test_numbers_dynamodb_cannot_hold_survive(prediction: Prediction, tiny: float) -> None:
    stored = item_of(prediction, [tiny, 2.0, 3.0])
    line = log_line(stored, NAMES)
    assert line["amount"] == tiny
    assert line["features"] == {"amount": tiny, "time": 2.0, "V1": 3.0}
    assert line["fraud_probability"] == prediction.fraud_probability


def test_a_row_is_stored_as_little_endian_doubles() -> None:
    told = explain(NAMES, [1.0, 2.0, 3.0], Attribution("m", "probability", 0.0, 0.0, (0.0, 0.0, 0.0)), adjustments=[],
                   confidence=1.0, recommendation="approve")  # fmt: skip
    stored = item_of(Prediction("t", False, 0.0, 0.0, "v1.0.0", 0.1, told, False, [], "r"), [1.0, 2.0, 3.0])
    assert stored["x"] == struct.pack("<3d", 1.0, 2.0, 3.0)
    assert stored["expires_at"] == int((AT + timedelta(days=30)).timestamp())


def test_a_refusal_is_indexed_by_its_day() -> None:
    item = failure_item("t", suffix="01", status=422, code="invalid_transaction", request_id="r", endpoint="/predict",
                        at=AT, retention=timedelta(days=1))  # fmt: skip
    assert (item["pk"], item["sk"], item["failure_day"]) == ("TXN#t", "ERR#01", "2026-01-31")
    assert log_line(item, ()) == {
        "transaction_id": "t", "at": "2026-01-31T12:00:00.000Z", "endpoint": "/predict", "status_code": 422,
        "request_id": "r", "error_code": "invalid_transaction", "failure_id": "01",
    }  # fmt: skip
