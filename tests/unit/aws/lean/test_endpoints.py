"""Where each service is looked for."""

import pytest

from fraud.aws.lean.endpoints import Origin, object_address, service_origin


def test_a_service_is_found_in_its_region() -> None:
    assert service_origin("dynamodb", "eu-west-1", None) == Origin("https", "dynamodb.eu-west-1.amazonaws.com", 443)


def test_a_service_in_china_has_another_domain() -> None:
    origin = service_origin("dynamodb", "cn-north-1", None)

    assert origin.authority == "dynamodb.cn-north-1.amazonaws.com.cn"


def test_a_given_endpoint_is_used_with_its_port() -> None:
    assert service_origin("dynamodb", "eu-west-1", "http://127.0.0.1:4566").authority == "127.0.0.1:4566"


@pytest.mark.parametrize("url", ["127.0.0.1:4566", "ftp://host", "http://"])
def test_an_endpoint_that_is_no_http_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        service_origin("s3", "eu-west-1", url)


def test_an_object_on_aws_is_addressed_by_its_bucket_host() -> None:
    origin, path = object_address("models", "drops/v1/a b.json", "eu-west-1", None)

    assert (origin.host, path) == ("models.s3.eu-west-1.amazonaws.com", "/drops/v1/a%20b.json")


@pytest.mark.parametrize(
    ("bucket", "endpoint", "host"),
    [("models", "http://localhost:4566", "localhost"), ("my.models", None, "s3.eu-west-1.amazonaws.com")],
)
def test_an_object_is_addressed_by_path_on_a_stand_in_and_in_a_dotted_bucket(
    bucket: str, endpoint: str | None, host: str
) -> None:
    origin, path = object_address(bucket, "k", "eu-west-1", endpoint)

    assert (origin.host, path) == (host, f"/{bucket}/k")
