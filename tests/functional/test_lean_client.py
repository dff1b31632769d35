"""The lean client against moto's server."""

import threading
from collections.abc import Iterator

import boto3
import pytest

from fraud.aws.lean import (
    ConditionFailedError,
    Credentials,
    LeanClient,
    LeanError,
    from_attributes,
    to_attributes,
)
from fraud.errors import NotFoundError
from tests.moto_server import moto_server

REGION = "eu-west-1"
TABLE = "requests"


def credentials() -> Credentials:
    return Credentials("test", "test")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """moto's server on a free port, with a table, a bucket with one object, and a secret."""
    with pytest.MonkeyPatch.context() as patch, moto_server() as url:
        patch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
        _furnish(url)
        yield url


def _furnish(url: str) -> None:
    session = boto3.Session("test", "test", region_name=REGION)
    dynamodb = session.client("dynamodb", endpoint_url=url)
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    s3 = session.client("s3", endpoint_url=url)
    s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="models", Key="drops/v1.0.0/ü +&%.fpm", Body=bytes(range(256)) * 5000)
    secrets = session.client("secretsmanager", endpoint_url=url)
    secrets.create_secret(Name="token", SecretString="s3cr3t")
    for client in (dynamodb, s3, secrets):
        client.close()


@pytest.fixture
def lean(endpoint: str) -> Iterator[LeanClient]:
    client = LeanClient(REGION, endpoint_url=endpoint, credentials=credentials)
    yield client
    client.close()


def put(client: LeanClient, item: dict[str, object]) -> None:
    client.dynamodb(
        "PutItem",
        {
            "TableName": TABLE,
            "Item": to_attributes(item),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )


def get(client: LeanClient, pk: str) -> dict[str, object]:
    reply = client.dynamodb("GetItem", {"TableName": TABLE, "Key": to_attributes({"pk": pk})})
    return from_attributes(reply.get("Item", {}))


def test_an_item_is_read_as_it_was_written(lean: LeanClient) -> None:
    item = {"pk": "a", "score": 0.1 + 0.2, "row": b"\x00\xff", "n": [1, None, True], "m": {"ü": "€"}}

    put(lean, item)

    assert get(lean, "a") == item


def test_a_second_conditional_put_meets_the_first_item(lean: LeanClient) -> None:
    # GIVEN a stored record
    put(lean, {"pk": "b", "answer": 1})

    # WHEN the same key is put again
    with pytest.raises(ConditionFailedError) as caught:
        put(lean, {"pk": "b", "answer": 2})

    # THEN the stored one is in the refusal, and still stored
    assert from_attributes(caught.value.item or {}) == {"pk": "b", "answer": 1}
    assert get(lean, "b") == {"pk": "b", "answer": 1}


def test_an_unknown_table_is_named_by_aws(lean: LeanClient) -> None:
    with pytest.raises(LeanError) as caught:
        lean.dynamodb("GetItem", {"TableName": "nowhere", "Key": to_attributes({"pk": "a"})})

    assert (caught.value.code, caught.value.status) == ("ResourceNotFoundException", 400)


def test_a_large_object_with_an_awkward_key_arrives_whole(lean: LeanClient) -> None:
    assert lean.get_object("models", "drops/v1.0.0/ü +&%.fpm") == bytes(range(256)) * 5000


@pytest.mark.parametrize(("bucket", "key"), [("models", "absent"), ("nowhere", "k")])
def test_a_missing_object_or_bucket_is_not_found(lean: LeanClient, bucket: str, key: str) -> None:
    with pytest.raises(NotFoundError, match=f"s3://{bucket}/{key}"):
        lean.get_object(bucket, key)


def test_a_secret_is_read(lean: LeanClient) -> None:
    assert lean.secret_value("token") == "s3cr3t"


def test_a_missing_secret_is_not_found(lean: LeanClient) -> None:
    with pytest.raises(NotFoundError, match="no-such-secret"):
        lean.secret_value("no-such-secret")


def test_threads_can_share_one_client(lean: LeanClient) -> None:
    # GIVEN eight threads over one client
    def write(number: int) -> None:
        put(lean, {"pk": f"thread-{number}"})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]

    # WHEN all write at once
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # THEN every record is there
    assert [get(lean, f"thread-{number}")["pk"] for number in range(8)] == [f"thread-{n}" for n in range(8)]
