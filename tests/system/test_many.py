"""Many transactions from outside: one HTTP call, the queue and its dead letters, and what the log says of them."""

import json
import uuid
from typing import Any

import boto3
import pytest

from tests.system.caller import Caller, wait

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]  # one running system, so one worker
RUN = uuid.uuid4().hex[:8]


@pytest.fixture(scope="module")
def caller(cloud: dict[str, str]) -> Caller:
    return Caller(cloud)


@pytest.fixture(scope="module")
def sqs(cloud: dict[str, str]) -> Any:
    return boto3.client(
        "sqs", endpoint_url=cloud["endpoint_url"], region_name=cloud["region"],
        aws_access_key_id="test", aws_secret_access_key="test", aws_session_token=None,
    )  # fmt: skip


def transaction(name: str, **changes: Any) -> dict[str, Any]:
    return {"transaction_id": f"{RUN}-{name}", "amount": 12.5, "time": 3600.0, "features": {"V1": 0.5}, **changes}


def logged(caller: Caller, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.call("GET", f"/logs?transaction_id={RUN}-{name}")[1]["logs"]
    return found


def test_a_batch_over_http_is_answered_item_by_item_and_found_in_log_and_archive(caller: Caller) -> None:
    # GIVEN 300 transactions, one of them sent before, one twice, one refused
    asked = [transaction(str(number), amount=float(number)) for number in range(300)]
    single = caller.predict(asked[7])[1]
    bad = transaction("bad", amount=-1.0)

    # WHEN
    status, answer = caller.call("POST", "/predict/batch", [*asked, asked[0], bad], key="client")

    # THEN
    assert status == 207
    assert [one["transaction_id"] for one in answer["predictions"][:300]] == [one["transaction_id"] for one in asked]
    assert answer["predictions"][300] == answer["predictions"][0]
    assert answer["predictions"][7] == {**single, "cache_hit": True}
    assert [(one["index"], one["error"]["code"]) for one in answer["errors"]] == [(301, "invalid_transaction")]
    assert len(logged(caller, "0")) == 1
    ids = {one["transaction_id"] for one in [*asked, bad]}
    lines = wait(lambda: found if ids <= (found := caller.archived()).keys() else None, 60)
    told = {one["transaction_id"]: one["fraud_probability"] for one in answer["predictions"]}
    assert {name: lines[name]["fraud_probability"] for name in told} == told
    assert lines[bad["transaction_id"]]["status_code"] == 422


def test_too_many_are_refused_with_their_number(caller: Caller) -> None:
    status, body = caller.call("POST", "/predict/batch", [{}] * 1001, key="client")
    assert (status, body["error"]["code"], "1001" in body["error"]["message"]) == (413, "too_large", True)


def test_messages_are_scored_and_poison_reaches_the_dead_letters_alone(
    cloud: dict[str, str], caller: Caller, sqs: Any
) -> None:
    # GIVEN one transaction twice, a chunk of two, and poison between them
    poison = f"poison {RUN}"
    chunk = {"transactions": [transaction("q2"), transaction("q3")]}
    for body in (json.dumps(transaction("q1")), poison, json.dumps(chunk), json.dumps(transaction("q1"))):
        sqs.send_message(QueueUrl=cloud["batch_queue_url"], MessageBody=body)

    # WHEN the queue has been worked on
    def dead() -> str | None:
        got = sqs.receive_message(QueueUrl=cloud["batch_dead_letters_url"], WaitTimeSeconds=1).get("Messages", [])
        for message in got:
            sqs.delete_message(QueueUrl=cloud["batch_dead_letters_url"], ReceiptHandle=message["ReceiptHandle"])
        return next((str(one["Body"]) for one in got if RUN in one["Body"]), None)

    # THEN the poison is the dead letter, and every transaction has one record
    assert wait(dead, 60) == poison
    for name in ("q1", "q2", "q3"):
        [line] = wait(lambda name=name: logged(caller, name) or None, 30)  # type: ignore[misc]
        assert (line["status_code"], line["endpoint"]) == (200, "queue")
    assert dead() is None


def test_a_file_of_rows_comes_back_as_results(cloud: dict[str, str], caller: Caller) -> None:
    # GIVEN a table of two parts, one of its rows refused
    rows = [f"{RUN}-b{number},{number},3600,0.5" for number in range(1010)]
    key = f"incoming/{RUN}.csv"
    body = "\n".join(["transaction_id,amount,time,V1", *rows, f"{RUN}-bad,-1,3600,0.5"])
    caller.s3.put_object(Bucket=cloud["batch_bucket"], Key=key, Body=body.encode())
    status, begun = caller.call("POST", "/batches", {"input": f"s3://{cloud['batch_bucket']}/{key}"})
    assert status == 202

    # WHEN the queues have been worked on
    def ended() -> dict[str, Any] | None:
        found = caller.call("GET", f"/batches/{begun['batch_id']}")[1]
        return found if found["state"] not in ("queued", "splitting", "running") else None

    done = wait(ended, 60)

    # THEN every row has an answer or an error, and the results name every row
    assert (done["state"], done["total"], done["done"], done["failed"]) == ("done", 1011, 1010, 1)
    names = [f"results/{begun['batch_id']}/part-0000{part}.ndjson" for part in range(2)]
    parts = [caller.s3.get_object(Bucket=cloud["batch_bucket"], Key=name)["Body"].read() for name in names]
    lines = [json.loads(line) for part in parts for line in part.splitlines()]
    assert [one["transaction_id"] for one in lines] == [row.partition(",")[0] for row in rows]
